// One row of an import's input as a record, or the reason why it is none.
//
// Readers (csv_reader.h, json_lines_reader.h) fill it; views hold until the reader's next row. What
// makes a row bad is listed in docs/operations.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/problem.h"
#include "protocol/handle/value.h"
#include "registry/row_mapper.h"

namespace idnode::registry {

// A row as it stands in the input.
struct RawRow {
    std::uint32_t input = 0;  // Number of the input, from 0.
    std::uint64_t line = 0;   // Where it starts, from 1.
    std::string_view text;    // Without the line break.
    bool cut = false;         // `text` is only the start of it.
};

struct ImportRow {
    RawRow raw;
    std::string fault;            // Why it is rejected; empty: it is not.
    std::string_view doubt;       // Why it is taken but told of (a literal); empty: it is not.
    std::string_view identifier;  // As far as it was understood.
    std::uint32_t time = 0;
    bool time_defaulted = false;               // The moment of the import stands for the time.
    const Combination* combination = nullptr;  // Null: `own` or `values` is all there is.
    std::span<const std::string_view> columns;
    ByteSpan own;
    std::span<const handle::ValueView> values;  // Ascending: a plain record's, to get a pattern.

    void clear() {
        fault.clear();
        doubt = {};
        identifier = {};
        time_defaulted = false;
        combination = nullptr;
        columns = {};
        own = {};
        values = {};
    }
};

class RowReader {
public:
    virtual ~RowReader() = default;

    // The next row; false at the end. A problem ends the import: unreadable input, a header that
    // lacks a column.
    virtual Checked<bool> next(ImportRow& row) = 0;

    // Reads a row again that next() gave before without a fault; kRowPadding octets behind its text
    // can be read.
    virtual void read_again(const RawRow& raw, ImportRow& row) = 0;

    // Lets go of the input and its buffers once next() gave false; read_again() still works.
    virtual void close_input() = 0;
    [[nodiscard]] virtual std::uint64_t octets_consumed() const = 0;
};

}  // namespace idnode::registry
