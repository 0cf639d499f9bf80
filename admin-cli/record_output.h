// A stored record on stdout: as lines for people or as one line of Handle JSON.
#pragma once

#include <string>
#include <string_view>

#include "protocol/core/result.h"
#include "protocol/handle/record.h"
#include "registry/gathered_values.h"
#include "registry/record.h"
#include "registry/walk.h"

namespace idnode::cli {

// Spreads a stored record out into views; reused from record to record. Fails with kCorrupt when
// the stored values are damaged.
class RecordSpread {
public:
    Result<handle::RecordView> spread(const registry::Record& record);

private:
    registry::GatheredValues values_;
};

std::string record_json(const handle::RecordView& record);
std::string record_text(const handle::RecordView& record);

// What a walk passed over: "damaged: …; identifiers from … to below … may be missing". A place from
// an identifier to itself is that one record.
std::string damage_text(const registry::KeyRange& place, const Error& error);

// One word for a shell, in quotes: '…', or $'…' with escapes where a quote or what a terminal would
// not show as it is stands in it.
std::string shell_word(std::string_view text);

}  // namespace idnode::cli
