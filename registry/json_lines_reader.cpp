#include "registry/json_lines_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/limits.h"
#include "protocol/handle/record.h"
#include "protocol/handle/value_index.h"

namespace idnode::registry {

namespace {

// A line of white space alone, as JSON knows it.
bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

JsonLinesReader::JsonLinesReader(LineSource source, std::uint32_t input, std::uint32_t now)
    : SourceReader(std::move(source)), input_(input), now_(now) {}

Checked<bool> JsonLinesReader::next(ImportRow& row) {
    row.clear();
    InputLine line;
    do {
        const auto more = source_.next(line);
        if (!more) return tl::unexpected(more.error());
        if (!*more) return false;
    } while (is_blank(line.text) && !line.too_long);
    row.raw = {input_, line.number, line.text, line.too_long};
    end_row(row.raw);
    if (line.too_long) {
        row.fault = "row above 1 MiB";
    } else {
        convert(row);
    }
    return true;
}

void JsonLinesReader::read_again(const RawRow& raw, ImportRow& row) {
    row.clear();
    row.raw = raw;
    convert(row);
}

void JsonLinesReader::convert(ImportRow& row) {
    const auto parsed = parser_.parse_padded(row.raw.text, now_);
    if (!parsed) {
        row.fault = parsed.error().text;
        row.identifier = parser_.handle_read();
        return;
    }
    row.identifier = parsed->record.handle;
    bool doubtful = false;
    if (row.identifier.empty()) {
        row.fault = "no identifier";
    } else if (const auto fault = check_.fault_of(row.identifier, doubtful)) {
        row.fault = *fault;
    } else {
        convert_values(*parsed, row);
    }
    if (doubtful && row.fault.empty()) row.doubt = kDoubtfulIdentifier;
}

void JsonLinesReader::convert_values(const handle::ParsedRecord& parsed, ImportRow& row) {
    const auto values = in_order(parsed.record.values);
    const auto same_index = [](const handle::ValueView& a, const handle::ValueView& b) {
        return a.index == b.index;
    };
    if (!values.empty() && values.front().index < 1) {
        row.fault = "index below 1";
    } else if (!values.empty() && values.back().index > handle::kValueIndexMax) {
        row.fault = fmt::format("index above {}", handle::kValueIndexMax);
    } else if (std::ranges::adjacent_find(values, same_index) != values.end()) {
        row.fault = "index given twice";
    } else if (values.size() > kListCountMax) {
        row.fault = fmt::format("more than {} values, which no answer can carry", kListCountMax);
    } else if (handle::encoded_size(values) > kRecordSizeMax) {
        row.fault = "values above 64 KiB";
    }
    if (!row.fault.empty()) return;
    row.time_defaulted =
        values.empty() ||
        std::ranges::any_of(parsed.timestamp_given, [](std::uint8_t given) { return given == 0; });
    row.time = row.time_defaulted ? now_ : values.front().timestamp;
    row.values = values;
}

std::span<const handle::ValueView> JsonLinesReader::in_order(
    std::span<const handle::ValueView> values) {
    if (std::ranges::is_sorted(values, {}, &handle::ValueView::index)) return values;
    ordered_.assign(values.begin(), values.end());
    std::ranges::stable_sort(ordered_, {}, &handle::ValueView::index);
    return ordered_;
}

}  // namespace idnode::registry
