// One row of an import's input as a record, or the reason why it is none.
//
// A RowReader (row_reader.h) fills it; views hold until the reader's next row. What makes a row bad
// is listed in docs/operations.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/handle/value.h"
#include "registry/row_mapper.h"

namespace idnode::registry {

// A row as it stands in the input.
struct RawRow {
    std::uint32_t input = 0;  // Number of the input, from 0.
    std::uint64_t line = 0;   // Where it starts, from 1.
    std::string_view text;    // Without the line break.
    bool cut = false;         // `text` is only the start of it.
    // Where the next row starts: octets of the input before it, and its line.
    std::uint64_t end = 0;
    std::uint64_t next_line = 0;
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

}  // namespace idnode::registry
