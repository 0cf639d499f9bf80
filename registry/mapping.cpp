#include "registry/mapping.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/core/identifier.h"
#include "protocol/handle/value_index.h"
#include "registry/closest_name.h"
#include "registry/pattern.h"

namespace idnode::registry {

namespace {

constexpr std::string_view kForm =
    "write identifier={column}, timestamp={column} or TYPE@INDEX=text with {column}";

tl::unexpected<Problem> refuse(std::string_view option, std::string_view text,
                               std::string_view remedy) {
    Problem problem;
    problem.text = "--map '" + std::string(option) + "': " + std::string(text);
    problem.remedy = remedy;
    return tl::unexpected(std::move(problem));
}

void add_literal(MappedText& text, char c) {
    if (text.empty() || text.back().column != kNoColumn) text.emplace_back();
    text.back().literal.push_back(c);
}

// Reads the right side of one option.
class TextParser {
public:
    TextParser(std::string_view option, std::string_view text, std::vector<std::string>& columns)
        : option_(option), text_(text), columns_(columns) {}

    Checked<MappedText> parse() {
        MappedText pieces;
        for (std::size_t at = 0; at < text_.size();) {
            const char c = text_[at];
            const bool doubled = at + 1 < text_.size() && text_[at + 1] == c;
            if (c == '{' && !doubled) {
                const auto size = add_column(pieces, text_.substr(at));
                if (!size) return tl::unexpected(size.error());
                at += *size;
            } else {
                add_literal(pieces, c);
                at += (c == '{' || c == '}') && doubled ? 2 : 1;
            }
        }
        if (pieces.size() > kPatternPieceCountMax) {
            return refuse(option_, "more than 16 pieces", "use fewer columns in one value");
        }
        return pieces;
    }

private:
    // `rest` starts at the brace; gives the octets up to the other one.
    Checked<std::size_t> add_column(MappedText& pieces, std::string_view rest) {
        const std::size_t close = rest.find('}');
        if (close == std::string_view::npos) {
            return refuse(option_, "a { without }", "close it, or write {{ for a brace");
        }
        const std::string_view name = rest.substr(1, close - 1);
        if (name.empty()) return refuse(option_, "{} names no column", kForm);
        auto found = std::ranges::find(columns_, name);
        if (found == columns_.end()) {
            if (columns_.size() == kMappedColumnCountMax) {
                return refuse(option_, "more than 32 columns in all", "map fewer columns");
            }
            found = columns_.insert(columns_.end(), std::string(name));
        }
        pieces.push_back({static_cast<std::uint8_t>(found - columns_.begin()), {}});
        return close + 1;
    }

    std::string_view option_;
    std::string_view text_;
    std::vector<std::string>& columns_;
};

bool is_type(std::string_view type) {
    return !type.empty() && is_utf8(type) &&
           std::ranges::none_of(type, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

Checked<Done> add_value(Mapping& mapping, std::string_view option, std::string_view left,
                        MappedText text) {
    const std::size_t at = left.rfind('@');
    if (at == std::string_view::npos) {
        return refuse(option, "\"" + std::string(left) + "\" is no target", kForm);
    }
    const std::optional<std::uint32_t> index = handle::parse_value_index(left.substr(at + 1));
    if (!index) return refuse(option, "the index is not 1 to 2147483647", kForm);
    const std::string_view type = left.substr(0, at);
    if (!is_type(type)) return refuse(option, "no type before the @", kForm);
    if (mapping.values.size() == kPatternValueCountMax) {
        return refuse(option, "more than 256 values", "map fewer values");
    }
    mapping.values.push_back({*index, std::string(type), std::move(text)});
    return Done{};
}

Checked<Done> add_option(Mapping& mapping, const std::string& option) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) return refuse(option, "no = in it", kForm);
    if (!is_utf8(option)) return refuse("…", "invalid UTF-8", "write it in UTF-8");
    const std::string_view left = std::string_view(option).substr(0, equals);
    const std::string_view right = std::string_view(option).substr(equals + 1);
    auto text = TextParser(option, right, mapping.columns).parse();
    if (!text) return tl::unexpected(text.error());
    if (left != "identifier" && left != "timestamp") {
        return add_value(mapping, option, left, std::move(*text));
    }
    MappedText& target = left == "identifier" ? mapping.identifier : mapping.timestamp;
    if (!target.empty()) return refuse(option, "given twice", "give it once");
    if (text->empty()) return refuse(option, "nothing behind the =", kForm);
    target = std::move(*text);
    return Done{};
}

}  // namespace

Checked<Mapping> parse_mapping(std::span<const std::string> options, MappingDefaults defaults) {
    Mapping mapping;
    mapping.defaults = std::move(defaults);
    for (const std::string& option : options) {
        const auto added = add_option(mapping, option);
        if (!added) return tl::unexpected(added.error());
    }
    if (mapping.identifier.empty()) {
        Problem problem;
        problem.text = "no --map says which column is the identifier";
        problem.remedy = "add --map identifier={column}";
        return tl::unexpected(std::move(problem));
    }
    std::ranges::stable_sort(mapping.values, {}, &MappedValue::index);
    return mapping;
}

namespace {

Problem missing_column(const std::string& name, std::span<const std::string_view> header) {
    Problem problem;
    problem.text = "no column \"" + name + "\" in the header";
    const std::string_view closest = closest_name(name, header);
    if (!closest.empty()) problem.remedy = "did you mean \"" + std::string(closest) + "\"?";
    return problem;
}

}  // namespace

Checked<std::vector<std::uint32_t>> bind_columns(const Mapping& mapping,
                                                 std::span<const std::string_view> header) {
    std::vector<std::uint32_t> places;
    places.reserve(mapping.columns.size());
    for (const std::string& name : mapping.columns) {
        const auto found = std::ranges::find(header, name);
        if (found == header.end()) return tl::unexpected(missing_column(name, header));
        if (std::find(found + 1, header.end(), name) != header.end()) {
            Problem problem;
            problem.text = "the header has the column \"" + name + "\" twice";
            problem.remedy = "rename one of them";
            return tl::unexpected(std::move(problem));
        }
        places.push_back(static_cast<std::uint32_t>(found - header.begin()));
    }
    return places;
}

}  // namespace idnode::registry
