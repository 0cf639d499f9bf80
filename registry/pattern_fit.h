// Whether the values of a record can be said by a pattern, and by which columns.
//
// A fit is exact: pattern, columns and what is left as own values expand to the same octets again.
// A piece that is a column takes the shortest text behind which the rest still fits. A pattern with
// two columns side by side fits nothing. Nothing is allocated by looking. The pattern must outlive
// the object.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/handle/value.h"
#include "registry/pattern.h"

namespace idnode::registry {

// A record as values, ascending and distinct by index. Views.
struct PlainRecord {
    std::string_view identifier;  // In registered case.
    std::uint32_t time = 0;
    std::span<const handle::ValueView> values;
};

class PatternFit {
public:
    explicit PatternFit(const Pattern& pattern);

    [[nodiscard]] const Pattern& pattern() const { return *pattern_; }
    // Octets that the pattern saves a record, about: its literals and slots.
    [[nodiscard]] std::size_t fixed_size() const { return fixed_size_; }

    // True when the pattern says all values of the record; columns() then has the texts.
    bool fits_all(const PlainRecord& record);

    // True when the pattern says at least one value and stands in the way of none; own() then has
    // the values it does not say.
    bool fits_some(const PlainRecord& record);

    // Of the last fit; views into the record.
    [[nodiscard]] std::span<const std::string_view> columns() const {
        return {columns_.data(), pattern_->column_count};
    }
    [[nodiscard]] std::span<const handle::ValueView> own() const { return own_; }

private:
    bool begin(const PlainRecord& record);
    bool fits(const PatternValue& shared, const handle::ValueView& value);
    bool fits_data(std::span<const Piece> pieces, std::string_view data);
    bool fits_end(std::span<const Piece> pieces, std::string_view& column, std::string_view data);
    [[nodiscard]] bool is_fixed(const Piece& piece) const;
    [[nodiscard]] std::string_view text_of(const Piece& piece) const;

    const Pattern* pattern_;
    std::size_t fixed_size_ = 0;
    bool usable_ = true;

    std::string_view identifier_;  // Of the record at hand, as what follows.
    std::string_view suffix_;
    std::uint32_t time_ = 0;
    std::uint32_t known_ = 0;  // A bit for each column whose text is known.
    std::array<std::string_view, kPatternColumnCountMax> columns_;
    std::vector<handle::ValueView> own_;
};

}  // namespace idnode::registry
