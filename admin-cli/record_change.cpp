#include "admin-cli/record_change.h"

#include <fmt/format.h>

#include "admin-cli/console.h"
#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"
#include "registry/own_values.h"

namespace idnode::cli {

namespace {

using registry::ChangeOutcome;

Result<Changed> apply(registry::Registry& registry, registry::Change change,
                      registry::ExistingPolicy existing) {
    Result<registry::Writer> writer = registry::Writer::begin(registry, registry::Origin::kCommand);
    if (!writer) return tl::unexpected(writer.error());
    const Result<Done> applied = writer->apply({&change, 1}, {.existing = existing});
    if (!applied) return tl::unexpected(applied.error());
    const Result<std::uint64_t> sequence = std::move(*writer).commit();
    if (!sequence) return tl::unexpected(sequence.error());
    return Changed{change.outcome, *sequence};
}

// A sentence about the identifier.
std::string_view to_text(ChangeOutcome outcome) {
    switch (outcome) {
        case ChangeOutcome::kPending:
            return "not decided";
        case ChangeOutcome::kAdded:
            return "added";
        case ChangeOutcome::kReplaced:
            return "replaced";
        case ChangeOutcome::kUnchanged:
            return "there already, with the same values";
        case ChangeOutcome::kKept:
            return "there already, kept as it was";
        case ChangeOutcome::kRejected:
            return "there already with other values; --replace puts these in their place";
        case ChangeOutcome::kDeleted:
            return "deleted";
        case ChangeOutcome::kAbsent:
            return "not found";
        case ChangeOutcome::kNoPrefix:
            return "its prefix is unknown; \"idnode prefix add\" adds it";
        case ChangeOutcome::kPrefixRemoved:
            return "its prefix was removed and is never issued again";
        case ChangeOutcome::kTooLong:
            return "above the limits: identifier 480 bytes, values 64 KiB";
    }
    return "";
}

// The same as one word for JSON.
std::string_view to_word(ChangeOutcome outcome) {
    switch (outcome) {
        case ChangeOutcome::kPending:
            return "pending";
        case ChangeOutcome::kAdded:
            return "added";
        case ChangeOutcome::kReplaced:
            return "replaced";
        case ChangeOutcome::kUnchanged:
            return "unchanged";
        case ChangeOutcome::kKept:
            return "kept";
        case ChangeOutcome::kRejected:
            return "exists";
        case ChangeOutcome::kDeleted:
            return "deleted";
        case ChangeOutcome::kAbsent:
            return "absent";
        case ChangeOutcome::kNoPrefix:
            return "noPrefix";
        case ChangeOutcome::kPrefixRemoved:
            return "prefixRemoved";
        case ChangeOutcome::kTooLong:
            return "tooLong";
    }
    return "";
}

bool is_done(ChangeOutcome outcome) {
    return outcome == ChangeOutcome::kAdded || outcome == ChangeOutcome::kReplaced ||
           outcome == ChangeOutcome::kUnchanged || outcome == ChangeOutcome::kDeleted;
}

}  // namespace

Result<Changed> put_record(registry::Registry& registry, std::string_view identifier,
                           std::span<const handle::ValueView> values, bool time_defaulted,
                           registry::ExistingPolicy existing) {
    const FoldedIdentifier folded(identifier);
    registry::Change change;
    change.record.folded = folded.text();
    change.record.fields.identifier = identifier;
    change.record.fields.time = values.empty() ? 0 : values.front().timestamp;
    std::string own;
    registry::encode_own_values(values, change.record.fields.time, own);
    change.record.fields.own = to_bytes(own);
    change.time_defaulted = time_defaulted;
    return apply(registry, change, existing);
}

Result<Changed> delete_record(registry::Registry& registry, std::string_view identifier) {
    const FoldedIdentifier folded(identifier);
    registry::Change change;
    change.kind = registry::ChangeKind::kDelete;
    change.record.folded = folded.text();
    change.record.fields.identifier = identifier;
    return apply(registry, change, registry::ExistingPolicy::kReject);
}

ExitCode report_change(const std::string& identifier, const Changed& changed, bool json) {
    const ExitCode code = is_done(changed.outcome) ? ExitCode::kDone : ExitCode::kNegative;
    if (!json) {
        const std::string text = fmt::format("{}: {}", identifier, to_text(changed.outcome));
        return is_done(changed.outcome) ? print_line(text) : (say(text), code);
    }
    std::string line;
    JsonWriter out(line);
    out.begin_object().key("handle").string(identifier);
    out.key("outcome").string(to_word(changed.outcome));
    out.key("sequence").number(changed.sequence).end_object();
    return print_line(std::move(line), code);
}

}  // namespace idnode::cli
