#include "registry/csv_scanner.h"

#include <algorithm>

#include "registry/csv_marks.h"

namespace idnode::registry {

namespace {

// Goes on behind the quote that closes a field; false when the text ends before.
bool skip_quoted(CsvMarks& marks, std::string_view text, std::size_t& line_breaks) {
    while (true) {
        const std::size_t at = marks.next();
        if (at == text.size()) return false;
        if (text[at] == '\n') ++line_breaks;
        if (text[at] != '"') continue;
        const bool doubled = at + 1 < text.size() && text[at + 1] == '"';
        if (!doubled) return true;
        marks.next();
    }
}

}  // namespace

CsvScan CsvScanner::scan(std::string_view text, CsvText more) {
    fields_.clear();
    unquoted_.clear();
    unquoted_size_max_ = text.size();
    field_count_ = 0;
    line_breaks_ = 0;
    CsvMarks marks(text);
    std::size_t start = 0;
    bool quoted = false;
    while (true) {
        const std::size_t at = marks.next();
        if (at == text.size()) break;
        if (text[at] == ',') {
            add_field(text.substr(start, at - start), quoted);
            start = at + 1;
            quoted = false;
        } else if (text[at] == '\n') {
            end_row(text, start, at, quoted);
            consumed_ = at + 1;
            ++line_breaks_;
            return CsvScan::kRow;
        } else if (at == start) {
            quoted = true;
            if (skip_quoted(marks, text, line_breaks_)) continue;
            return more == CsvText::kMayGoOn ? CsvScan::kIncomplete : CsvScan::kUnclosedQuote;
        }
    }
    if (more == CsvText::kMayGoOn) return CsvScan::kIncomplete;
    end_row(text, start, text.size(), quoted);
    consumed_ = text.size();
    return CsvScan::kRow;
}

void CsvScanner::end_row(std::string_view text, std::size_t start, std::size_t end, bool quoted) {
    if (end > start && text[end - 1] == '\r') --end;
    add_field(text.substr(start, end - start), quoted);
    size_ = end;
}

void CsvScanner::add_field(std::string_view raw, bool quoted) {
    ++field_count_;
    if (fields_.size() == kCsvFieldCountMax) return;
    fields_.push_back(quoted ? unquote(raw) : raw);
}

std::string_view CsvScanner::unquote(std::string_view raw) {
    const std::string_view inner = raw.substr(1);
    const std::size_t first_quote = inner.find('"');
    if (first_quote + 1 == inner.size()) return inner.substr(0, first_quote);
    // Room for the whole row at once: views into it must stay valid for the fields that follow.
    if (unquoted_.empty()) unquoted_.reserve(unquoted_size_max_);
    const std::size_t begin = unquoted_.size();
    bool within = true;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (!within || inner[i] != '"') {
            unquoted_.push_back(inner[i]);
        } else if (i + 1 < inner.size() && inner[i + 1] == '"') {
            unquoted_.push_back('"');
            ++i;
        } else {
            within = false;
        }
    }
    return std::string_view(unquoted_).substr(begin);
}

}  // namespace idnode::registry
