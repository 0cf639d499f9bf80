// Changing one identifier: the way of put and delete into the registry.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "admin-cli/exit_code.h"
#include "protocol/core/result.h"
#include "protocol/handle/value.h"
#include "registry/writer.h"

namespace idnode::cli {

struct Changed {
    registry::ChangeOutcome outcome = registry::ChangeOutcome::kPending;
    std::uint64_t sequence = 0;  // Of the last journal entry.
};

// Puts `values` (ascending index) under `identifier`; durable when it returns. `time_defaulted`:
// the timestamps are the clock's, not the caller's wish.
Result<Changed> put_record(registry::Registry& registry, std::string_view identifier,
                           std::span<const handle::ValueView> values, bool time_defaulted,
                           registry::ExistingPolicy existing);

Result<Changed> delete_record(registry::Registry& registry, std::string_view identifier);

// Tells the user what became of a change, as a line or as one JSON document; the exit code for it.
ExitCode report_change(const std::string& identifier, const Changed& changed, bool json);

}  // namespace idnode::cli
