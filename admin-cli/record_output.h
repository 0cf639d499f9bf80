// A stored record on stdout: as lines for people or as one line of Handle JSON.
#pragma once

#include <string>
#include <vector>

#include "protocol/core/result.h"
#include "protocol/handle/record.h"
#include "registry/record.h"

namespace idnode::cli {

// Spreads a stored record out into views; reused from record to record. Fails with kCorrupt when
// the stored values are damaged.
class RecordSpread {
public:
    Result<handle::RecordView> spread(const registry::Record& record);

private:
    std::vector<handle::ValueView> values_;
    std::vector<std::string> texts_;  // Data that lies in pieces.
};

std::string record_json(const handle::RecordView& record);
std::string record_text(const handle::RecordView& record);

}  // namespace idnode::cli
