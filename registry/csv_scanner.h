// Finds the fields of one CSV row (RFC 4180, and what comes by that name).
//
//     10.1/a,"Title, with ""quotes""
//     and a line break",https://example.org/
//
// Fields are separated by commas, rows end in LF or CR LF. A field that starts with a quote ends at
// the next single one; what still follows belongs to it as it is, and a quote elsewhere is an
// ordinary character. Any other octet, NUL too, is text. Pure; allocates only to grow its buffers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace idnode::registry {

// Fields that are kept of one row; what a row has beyond is counted.
inline constexpr std::size_t kCsvFieldCountMax = 4'096;

enum class CsvScan : std::uint8_t {
    kRow,            // A row; size() and the rest tell of it.
    kIncomplete,     // The text ends before the row does, and more may follow.
    kUnclosedQuote,  // The text ends within quotes, and nothing follows.
};

enum class CsvText : std::uint8_t { kMayGoOn, kComplete };

class CsvScanner {
public:
    // Scans the row at the start of `text`, which must not be empty when it is complete. The fields
    // point into `text` and the scanner, until its next scan.
    CsvScan scan(std::string_view text, CsvText more);

    [[nodiscard]] std::span<const std::string_view> fields() const { return fields_; }
    [[nodiscard]] std::size_t field_count() const { return field_count_; }
    [[nodiscard]] std::size_t size() const { return size_; }          // Without the line break.
    [[nodiscard]] std::size_t consumed() const { return consumed_; }  // With it.
    [[nodiscard]] std::size_t line_breaks() const { return line_breaks_; }

private:
    void end_row(std::string_view text, std::size_t start, std::size_t end, bool quoted);
    void add_field(std::string_view raw, bool quoted);
    std::string_view unquote(std::string_view raw);

    std::vector<std::string_view> fields_;
    std::string
        unquoted_;  // Text of fields whose quotes had to be taken out; never grows in a scan.
    std::size_t unquoted_size_max_ = 0;
    std::size_t field_count_ = 0;
    std::size_t size_ = 0;
    std::size_t consumed_ = 0;
    std::size_t line_breaks_ = 0;
};

}  // namespace idnode::registry
