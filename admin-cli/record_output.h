// A stored record on stdout: as lines for people or as one line of Handle JSON.
#pragma once

#include <string>

#include "protocol/core/result.h"
#include "protocol/handle/record.h"
#include "registry/gathered_values.h"
#include "registry/record.h"

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

}  // namespace idnode::cli
