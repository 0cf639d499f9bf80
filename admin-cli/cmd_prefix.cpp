// idnode prefix add|set|show|list|suspend|resume|remove|home|unhome: prefixes and their state.
#include <functional>

#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/prefix_output.h"
#include "admin-cli/registry_option.h"
#include "registry/writer.h"

namespace idnode::cli {

namespace {

// Prints a prefix as it stands in the registry now.
ExitCode print_prefix(registry::Registry& registry, std::string_view name, bool json) {
    const auto found = registry::find_prefix(registry, name);
    if (!found) return say_trouble(registry, found.error());
    if (!*found) return say(fmt::format("prefix {}: not found", name)), ExitCode::kNegative;
    const auto& [prefix, counts] = **found;
    return print_line(json ? prefix_json(prefix, counts) : prefix_text(prefix, counts));
}

// A verb that changes one prefix in one transaction.
class PrefixChange final : public Command {
public:
    struct Arguments {
        std::string name;
        std::string reason;
        std::string state;
    };
    using Change = std::function<Checked<registry::Prefix>(registry::Writer&, const Arguments&)>;
    enum class Extra : std::uint8_t { kNone, kReason, kState };

    PrefixChange(std::string name, std::string summary, std::string example, Extra extra,
                 Change change)
        : Command(std::move(name), std::move(summary), std::move(example)),
          extra_(extra),
          change_(std::move(change)) {}

    std::vector<Option> options() override {
        std::vector<Option> all =
            where_.with({{.names = "prefix",
                          .help = "The prefix, such as 88.118.8",
                          .target = &arguments_.name,
                          .value_name = "PREFIX",
                          .required = true},
                         {.names = "--json", .help = "One JSON document", .target = &json_}});
        if (extra_ != Extra::kNone) {
            all.push_back({.names = "--reason",
                           .help = "Why, as clients are told",
                           .target = &arguments_.reason,
                           .value_name = "TEXT",
                           .required = extra_ == Extra::kReason});
        }
        if (extra_ == Extra::kState) {
            all.push_back({.names = "--state",
                           .help = "The new state",
                           .target = &arguments_.state,
                           .value_name = "STATE",
                           .required = true,
                           .choices = {"active", "suspended", "being-deleted"}});
        }
        return all;
    }

    ExitCode run() override {
        const auto registry = where_.open(registry::Access::kWrite);
        if (!registry) return where_.failure();
        auto writer = registry::Writer::begin(*registry, registry::Origin::kCommand);
        if (!writer) return say_trouble(*registry, writer.error());
        const Checked<registry::Prefix> changed = change_(*writer, arguments_);
        if (!changed) return refuse(*registry, *writer, changed.error());
        const Result<std::uint64_t> sequence = std::move(*writer).commit();
        if (!sequence) return say_trouble(*registry, sequence.error());
        return print_prefix(*registry, arguments_.name, json_);
    }

private:
    [[nodiscard]] ExitCode refuse(const registry::Registry& registry,
                                  const registry::Writer& writer, const Problem& problem) const {
        if (writer.trouble()) return say_trouble(registry, *writer.trouble());
        say(problem);
        const bool misspelt = !registry::is_prefix_name(arguments_.name) ||
                              registry::prefix_reason_fault(arguments_.reason).has_value();
        return misspelt ? ExitCode::kUsage : ExitCode::kNegative;
    }

    RegistryOption where_;
    Extra extra_;
    Change change_;
    Arguments arguments_;
    bool json_ = false;
};

class PrefixShow final : public Command {
public:
    PrefixShow()
        : Command("show", "Show a prefix, its state and counts", "idnode prefix show 88.118.8") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "prefix",
                             .help = "The prefix, such as 88.118.8",
                             .target = &name_,
                             .value_name = "PREFIX",
                             .required = true},
                            {.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        const auto registry = where_.open(registry::Access::kRead);
        return registry ? print_prefix(*registry, name_, json_) : where_.failure();
    }

private:
    RegistryOption where_;
    std::string name_;
    bool json_ = false;
};

class PrefixList final : public Command {
public:
    PrefixList() : Command("list", "List all prefixes in order", "idnode prefix list --json") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "--all", .help = "Removed ones too", .target = &all_},
                            {.names = "--json", .help = "JSON lines", .target = &json_}});
    }

    ExitCode run() override {
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        registry::PrefixWalk walk(*registry);
        for (;;) {
            const Result<bool> more = walk.next();
            if (!more) return say_trouble(*registry, more.error());
            if (!*more) return ExitCode::kDone;
            if (!all_ && walk.prefix().state == registry::PrefixState::kRemoved) continue;
            const ExitCode code = print_line(json_ ? prefix_json(walk.prefix(), walk.counts())
                                                   : prefix_text(walk.prefix(), walk.counts()));
            if (code != ExitCode::kDone) return code;
        }
    }

private:
    RegistryOption where_;
    bool all_ = false;
    bool json_ = false;
};

registry::PrefixState state_of(std::string_view name) {
    if (name == "suspended") return registry::PrefixState::kSuspended;
    if (name == "being-deleted") return registry::PrefixState::kBeingDeleted;
    return registry::PrefixState::kActive;
}

std::vector<std::unique_ptr<Command>> make_verbs() {
    using Arguments = PrefixChange::Arguments;
    using Extra = PrefixChange::Extra;
    using registry::PrefixState;
    using registry::Writer;
    std::vector<std::unique_ptr<Command>> verbs;
    const auto add = [&](std::string name, std::string summary, std::string example, Extra extra,
                         PrefixChange::Change change) {
        verbs.push_back(std::make_unique<PrefixChange>(
            std::move(name), std::move(summary), std::move(example), extra, std::move(change)));
    };
    add("add", "Add a prefix, in the case given", "idnode prefix add 88.118.8", Extra::kNone,
        [](Writer& writer, const Arguments& a) { return writer.add_prefix(a.name); });
    add("set", "Set the state of a prefix",
        "idnode prefix set 88.118.8 --state being-deleted --reason 'enterprise dissolved'",
        Extra::kState, [](Writer& writer, const Arguments& a) {
            return writer.set_prefix_state(a.name, state_of(a.state), a.reason);
        });
    verbs.push_back(std::make_unique<PrefixShow>());
    verbs.push_back(std::make_unique<PrefixList>());
    add("suspend", "Suspend a prefix: every answer below it changes at once",
        "idnode prefix suspend 88.118.8 --reason 'licence expired'", Extra::kReason,
        [](Writer& writer, const Arguments& a) {
            return writer.set_prefix_state(a.name, PrefixState::kSuspended, a.reason);
        });
    add("resume", "Make a suspended prefix active again", "idnode prefix resume 88.118.8",
        Extra::kNone, [](Writer& writer, const Arguments& a) {
            return writer.set_prefix_state(a.name, PrefixState::kActive, {});
        });
    add("remove", "Remove an empty prefix; its code is never issued again",
        "idnode prefix remove 88.118.8", Extra::kNone,
        [](Writer& writer, const Arguments& a) { return writer.remove_prefix(a.name, a.reason); });
    add("home", "Answer for a prefix here", "idnode prefix home 88.118.8", Extra::kNone,
        [](Writer& writer, const Arguments& a) { return writer.set_homed(a.name, true); });
    add("unhome", "No longer answer for a prefix here", "idnode prefix unhome 88.118.8",
        Extra::kNone,
        [](Writer& writer, const Arguments& a) { return writer.set_homed(a.name, false); });
    return verbs;
}

class PrefixCommand final : public Command {
public:
    PrefixCommand()
        : Command("prefix", "Prefixes: add, show, list, suspend, resume, remove, home",
                  "idnode prefix list"),
          verbs_(make_verbs()) {}

    std::vector<Command*> verbs() override {
        std::vector<Command*> list;
        for (const auto& verb : verbs_) list.push_back(verb.get());
        return list;
    }

private:
    std::vector<std::unique_ptr<Command>> verbs_;
};

}  // namespace

std::unique_ptr<Command> make_prefix_command() { return std::make_unique<PrefixCommand>(); }

}  // namespace idnode::cli
