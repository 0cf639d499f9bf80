// Reads the records of one CSV input by a mapping. The first row names the columns.
//
// Rows above kRowSizeMax (reading goes on behind the next line break), with a number of columns
// unlike the header's, or with a quoted field that never ends before the input does (then its first
// line alone) are given with a fault; empty lines are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry/csv_scanner.h"
#include "registry/gathered_values.h"
#include "registry/line_source.h"
#include "registry/row_check.h"
#include "registry/row_mapper.h"
#include "registry/row_reader.h"

namespace idnode::registry {

class CsvReader final : public SourceReader {
public:
    // Reads the header. `mapper` is shared by the inputs of one import and must outlive the reader;
    // `now` is the time of records without one.
    static Checked<std::unique_ptr<CsvReader>> open(LineSource source, RowMapper& mapper,
                                                    std::uint32_t input, std::uint32_t now);

    Checked<bool> next(ImportRow& row) override;
    void read_again(const RawRow& raw, ImportRow& row) override;

private:
    enum class Taken : std::uint8_t { kRow, kTooLong, kUnclosedQuote, kEnd };

    CsvReader(LineSource source, RowMapper& mapper, std::uint32_t input, std::uint32_t now);
    Checked<Done> read_header();
    Checked<Taken> take(RawRow& raw);
    Checked<Taken> take_too_long(RawRow& raw);
    void take_first_line(RawRow& raw);
    [[nodiscard]] std::string too_long_fault(std::uint64_t first_line) const;
    void convert(ImportRow& row);
    void convert_time(std::string_view text, ImportRow& row);
    void convert_whole(ImportRow& row);
    [[nodiscard]] bool has_bad_text(const ImportRow& row) const;

    RowMapper& mapper_;
    std::uint32_t input_;
    std::uint32_t now_;
    CsvScanner scanner_;
    RowCheck check_;
    MappedRow mapped_;
    std::vector<std::uint32_t> places_;
    std::size_t column_count_ = 0;
    std::uint64_t too_long_last_line_ = 0;  // Of the last row above kRowSizeMax.
    std::string last_time_text_;            // Rows that follow each other often share it.
    std::uint32_t last_time_ = 0;
    GatheredValues whole_;
    std::string own_;
};

}  // namespace idnode::registry
