// Reads the records of one input of JSON lines: one Handle JSON record a line (record_json.h).
//
// Such records get their pattern later (plain_records.h). Lines above kRowSizeMax are given with a
// fault; blank lines are passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/handle/record_json.h"
#include "registry/line_source.h"
#include "registry/row_check.h"
#include "registry/row_reader.h"

namespace idnode::registry {

class JsonLinesReader final : public SourceReader {
public:
    // `now` is the time of values without one.
    JsonLinesReader(LineSource source, std::uint32_t input, std::uint32_t now);

    Checked<bool> next(ImportRow& row) override;
    void read_again(const RawRow& raw, ImportRow& row) override;

private:
    void convert(ImportRow& row);
    void convert_values(const handle::ParsedRecord& parsed, ImportRow& row);
    std::span<const handle::ValueView> in_order(std::span<const handle::ValueView> values);

    std::uint32_t input_;
    std::uint32_t now_;
    handle::RecordParser parser_;
    RowCheck check_;
    std::vector<handle::ValueView> ordered_;
};

}  // namespace idnode::registry
