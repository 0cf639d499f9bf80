#include "admin-cli/prefix_output.h"

#include <fmt/format.h>

#include "protocol/core/json_writer.h"
#include "protocol/handle/timestamp.h"
#include "protocol/handle/value_text.h"

namespace idnode::cli {

namespace {

std::string time_text(std::uint32_t seconds) {
    std::string text;
    handle::append_timestamp(text, seconds);
    return text;
}

}  // namespace

std::string_view state_name(registry::PrefixState state) {
    switch (state) {
        case registry::PrefixState::kActive:
            return "active";
        case registry::PrefixState::kSuspended:
            return "suspended";
        case registry::PrefixState::kBeingDeleted:
            return "being deleted";
        case registry::PrefixState::kRemoved:
            return "removed";
    }
    return "unknown";
}

std::string prefix_text(const registry::Prefix& prefix, const registry::PrefixCounts& counts) {
    std::string line =
        fmt::format("{}  {}{}  {} identifiers", prefix.name, state_name(prefix.state),
                    prefix.homed ? "" : ", not homed here", counts.live);
    if (prefix.state == registry::PrefixState::kActive) return line;
    line += fmt::format("  since {}", time_text(prefix.since));
    if (!prefix.reason.empty()) handle::append_terminal_text(line.append(": "), prefix.reason);
    return line;
}

std::string prefix_json(const registry::Prefix& prefix, const registry::PrefixCounts& counts) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("prefix").string(prefix.name).key("number").number(prefix.number);
    json.key("state").string(state_name(prefix.state)).key("homed").boolean(prefix.homed);
    json.key("since").string(time_text(prefix.since)).key("reason").string(prefix.reason);
    json.key("identifiers").number(counts.live).key("everRegistered").number(counts.cumulative);
    json.key("bytes").number(counts.size).end_object();
    return line;
}

}  // namespace idnode::cli
