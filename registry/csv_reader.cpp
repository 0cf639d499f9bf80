#include "registry/csv_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/identifier.h"
#include "protocol/core/limits.h"
#include "protocol/handle/timestamp.h"

namespace idnode::registry {

namespace {

constexpr std::string_view kTooLong = "row above 1 MiB";
constexpr std::string_view kUnclosed = "a quoted field is not closed";
// A row of kRowSizeMax and its line break.
constexpr std::size_t kScanSizeMax = kRowSizeMax + 2;

}  // namespace

Checked<std::unique_ptr<CsvReader>> CsvReader::open(LineSource source, RowMapper& mapper,
                                                    std::uint32_t input, std::uint32_t now) {
    std::unique_ptr<CsvReader> reader(new CsvReader(std::move(source), mapper, input, now));
    const auto header = reader->read_header();
    if (!header) return tl::unexpected(header.error());
    return reader;
}

CsvReader::CsvReader(LineSource source, RowMapper& mapper, std::uint32_t input, std::uint32_t now)
    : SourceReader(std::move(source)), mapper_(mapper), input_(input), now_(now) {}

Checked<Done> CsvReader::read_header() {
    RawRow raw;
    const auto taken = take(raw);
    if (!taken) return tl::unexpected(taken.error());
    Problem problem;
    problem.file = source_.file().name();
    problem.line = raw.line;
    if (*taken != Taken::kRow || scanner_.field_count() > kCsvFieldCountMax) {
        problem.text = *taken == Taken::kEnd ? "no header: the input is empty"
                                             : "the header cannot be read as CSV";
        problem.remedy = "the first row must name the columns, at most 4096";
        return tl::unexpected(std::move(problem));
    }
    column_count_ = scanner_.field_count();
    auto places = bind_columns(mapper_.mapping(), scanner_.fields());
    if (!places) {
        problem.text = std::move(places.error().text);
        problem.remedy = std::move(places.error().remedy);
        return tl::unexpected(std::move(problem));
    }
    places_ = std::move(*places);
    return Done{};
}

// The next row that is not empty; the scanner holds its fields when it is whole.
Checked<CsvReader::Taken> CsvReader::take(RawRow& raw) {
    raw.input = input_;
    while (true) {
        const std::string_view text = source_.window().substr(0, kScanSizeMax);
        const bool last = source_.at_end() && text.size() < kScanSizeMax;
        if (last && text.empty()) return Taken::kEnd;
        const CsvScan scan = scanner_.scan(text, last ? CsvText::kComplete : CsvText::kMayGoOn);
        if (scan == CsvScan::kUnclosedQuote) {
            take_first_line(raw);
            return Taken::kUnclosedQuote;
        }
        if (scan == CsvScan::kIncomplete && text.size() < kScanSizeMax) {
            const auto more = source_.read_more();
            if (!more) return tl::unexpected(more.error());
            continue;
        }
        if (scan == CsvScan::kIncomplete || scanner_.size() > kRowSizeMax) {
            return take_too_long(raw);
        }
        raw.line = source_.line_number();
        raw.text = text.substr(0, scanner_.size());
        raw.cut = false;
        source_.consume(scanner_.consumed(), scanner_.line_breaks());
        end_row(raw);
        if (!raw.text.empty()) return Taken::kRow;
    }
}

Checked<CsvReader::Taken> CsvReader::take_too_long(RawRow& raw) {
    InputLine line;
    const auto skipped = source_.next_too_long(line);
    if (!skipped) return tl::unexpected(skipped.error());
    raw.line = line.number;
    raw.text = line.text;
    raw.cut = true;
    end_row(raw);
    too_long_last_line_ = line.last;
    return Taken::kTooLong;
}

// Of a row that never ends: so that the rows behind it are not lost with it.
void CsvReader::take_first_line(RawRow& raw) {
    const std::string_view window = source_.window();
    const std::size_t line_break = window.find('\n');
    raw.line = source_.line_number();
    raw.text = window.substr(0, line_break);
    raw.cut = false;
    if (line_break == std::string_view::npos) {
        source_.consume(window.size(), 0);
    } else {
        source_.consume(line_break + 1, 1);
    }
    end_row(raw);
}

Checked<bool> CsvReader::next(ImportRow& row) {
    row.clear();
    const auto taken = take(row.raw);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken == Taken::kEnd) return false;
    if (*taken == Taken::kTooLong) {
        row.fault = too_long_fault(row.raw.line);
    } else if (*taken == Taken::kUnclosedQuote) {
        row.fault = kUnclosed;
    } else {
        convert(row);
    }
    return true;
}

// A quote that is never closed takes lines with it that were rows of their own: say which.
std::string CsvReader::too_long_fault(std::uint64_t first_line) const {
    if (too_long_last_line_ == first_line) return std::string(kTooLong);
    return fmt::format("{}: lines {} to {} are passed over, {} of them; a quote may not be closed",
                       kTooLong, first_line, too_long_last_line_,
                       too_long_last_line_ - first_line + 1);
}

void CsvReader::read_again(const RawRow& raw, ImportRow& row) {
    row.clear();
    row.raw = raw;
    scanner_.scan(raw.text, CsvText::kComplete);
    convert(row);
}

void CsvReader::convert(ImportRow& row) {
    if (scanner_.field_count() != column_count_) {
        row.fault =
            fmt::format("{} columns, the header has {}", scanner_.field_count(), column_count_);
        return;
    }
    mapper_.map(places_, scanner_.fields(), mapped_);
    row.identifier = mapped_.identifier;
    row.combination = mapped_.combination;
    row.columns = mapped_.columns;
    bool doubtful = false;
    if (mapped_.identifier.empty()) {
        row.fault = "no identifier";
    } else if (const auto fault = check_.fault_of(mapped_.identifier, doubtful)) {
        row.fault = *fault;
    } else if (mapped_.combination->index_twice) {
        row.fault = "index given twice";
    } else if (mapped_.values_size > kRecordSizeMax) {
        row.fault = "values above 64 KiB";
    } else if (has_bad_text(row)) {
        row.fault = "invalid UTF-8 in a value";
    }
    if (!row.fault.empty()) return;
    if (doubtful) row.doubt = kDoubtfulIdentifier;
    convert_time(mapped_.timestamp, row);
    if (!mapped_.combination->kept) convert_whole(row);
}

bool CsvReader::has_bad_text(const ImportRow& row) const {
    if (is_ascii(row.raw.text)) return false;
    return !std::ranges::all_of(row.columns, is_utf8);
}

void CsvReader::convert_time(std::string_view text, ImportRow& row) {
    row.time = now_;
    row.time_defaulted = true;
    if (text.empty()) return;
    if (text != last_time_text_) {
        const auto time = handle::parse_timestamp(text);
        if (!time) {
            row.doubt = "timestamp is neither seconds nor ISO 8601: now is taken";
            return;
        }
        last_time_text_ = text;
        last_time_ = *time;
    }
    row.time = last_time_;
    row.time_defaulted = false;
}

// For a combination beyond the limit: the values themselves instead of a pattern and columns.
void CsvReader::convert_whole(ImportRow& row) {
    RecordFields fields;
    fields.identifier = row.identifier;
    fields.time = row.time;
    fields.columns = row.columns;
    own_.clear();
    if (whole_.gather(fields, &row.combination->pattern)) {
        encode_own_values(whole_.values(), row.time, own_);
    }
    row.combination = nullptr;
    row.columns = {};
    row.own = to_bytes(own_);
}

}  // namespace idnode::registry
