#include "bench/rows.h"

#include <cstring>

#include <fmt/format.h>

#include "bench/calendar.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;
// Longer than any row: five values of a hundred octets and their names.
constexpr std::size_t kRowSizeMax = 4'096;

// Appends to memory whose size the caller has made sure of.
class RawText {
public:
    explicit RawText(char* at) : at_(at) {}

    void text(std::string_view text) {
        if (text.empty()) return;
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    void c(char c) { *at_++ = c; }
    void decimal(std::uint64_t value, int width) {
        write_decimal(at_, value, width);
        at_ += width;
    }
    void number(std::uint64_t value) {
        int width = 1;
        for (std::uint64_t rest = value / 10; rest != 0; rest /= 10) ++width;
        decimal(value, width);
    }
    [[nodiscard]] char* at() const { return at_; }

private:
    char* at_;
};

void put_time(RawText& out, std::uint32_t seconds) {
    const Date date = date_of(seconds / 86'400);
    const std::uint32_t of_day = seconds % 86'400;
    out.decimal(date.year, 4), out.c('-');
    out.decimal(date.month, 2), out.c('-');
    out.decimal(date.day, 2), out.c('T');
    out.decimal(of_day / 3'600, 2), out.c(':');
    out.decimal(of_day / 60 % 60, 2), out.c(':');
    out.decimal(of_day % 60, 2), out.c('Z');
}

// What stands in front of the data of each rule's value; the same in all rows.
std::vector<std::string> json_heads(const Layout& layout) {
    std::vector<std::string> heads;
    for (const ValueRule& rule : layout.values) {
        heads.push_back(
            fmt::format(R"({{"index":{},"type":"{}","data":{{"format":"string","value":")",
                        rule.index, rule.type));
    }
    return heads;
}

// No text of a generated set needs escaping, in JSON or in CSV (tested).
void put_json(RawText& out, const Layout& layout, std::span<const std::string> heads,
              const Item& item) {
    char end_of_value[64];
    RawText end_out(end_of_value);
    end_out.text(R"("},"ttl":86400,"timestamp":")"), put_time(end_out, item.timestamp);
    end_out.text(R"("})");
    const std::string_view end(end_of_value, static_cast<std::size_t>(end_out.at() - end_of_value));
    out.text(R"({"handle":")"), out.text(item.identifier.view()), out.text(R"(","values":[)");
    const ItemValues values(layout, item);
    bool first = true;
    for (const ItemValue& value : values.list()) {
        if (!first) out.c(',');
        first = false;
        out.text(heads[value.rule]);
        for (const std::string_view piece : value.pieces) out.text(piece);
        out.text(end);
    }
    out.text("]}");
}

void put_csv(RawText& out, const Layout& layout, const Item& item) {
    bool first = true;
    for (const Column column : layout.columns) {
        if (!first) out.c(',');
        first = false;
        if (column == Column::kTimestamp) {
            out.number(item.timestamp);
        } else {
            out.text(column_text(column, item));
        }
    }
}

}  // namespace

std::string iso_time(std::uint32_t seconds) {
    std::string text(20, ' ');
    RawText out(text.data());
    put_time(out, seconds);
    return text;
}

std::string record_json(const Layout& layout, const Item& item) {
    std::string text(kRowSizeMax, ' ');
    RawText out(text.data());
    put_json(out, layout, json_heads(layout), item);
    text.resize(static_cast<std::size_t>(out.at() - text.data()));
    return text;
}

std::string csv_header(const Layout& layout) {
    std::string header;
    for (const Column column : layout.columns) {
        if (!header.empty()) header += ',';
        header += name_of(column);
    }
    return header + '\n';
}

std::vector<std::string> map_arguments(const Layout& layout) {
    std::vector<std::string> arguments = {"--map=identifier={identifier}",
                                          "--map=timestamp={timestamp}"};
    for (const ValueRule& rule : layout.values) {
        std::string text = fmt::format("--map={}@{}={}", rule.type, rule.index, rule.literal);
        for (const Column column : rule.columns) {
            if (column != Column::kNone) text += fmt::format("{{{}}}", name_of(column));
        }
        arguments.push_back(std::move(text));
    }
    return arguments;
}

bool write_rows(const Mix& mix, RowFormat format, std::uint64_t from, std::uint64_t end,
                const RowSink& sink) {
    const Layout layout = layout_of(mix.options().kind);
    const std::vector<std::string> heads = json_heads(layout);
    MixReader reader(mix);
    Item item;
    std::vector<char> piece(kPieceSize + kRowSizeMax);
    RawText out(piece.data());
    const auto filled = [&] { return static_cast<std::size_t>(out.at() - piece.data()); };
    for (std::uint64_t index = from; index < end; ++index) {
        reader.read(index, item);
        if (format == RowFormat::kCsv) {
            put_csv(out, layout, item);
        } else {
            put_json(out, layout, heads, item);
        }
        out.c('\n');
        if (filled() < kPieceSize) continue;
        if (!sink({piece.data(), filled()})) return false;
        out = RawText(piece.data());
    }
    return filled() == 0 || sink({piece.data(), filled()});
}

}  // namespace idnode::bench
