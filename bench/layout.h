// How the items of a set become rows and records: the columns of its CSV and the values of a
// record, each by literal text and columns. The arguments for `idnode import --map`, the Handle
// JSON and the expected answers all come from this one table.
//
// A value whose columns are empty in a row is absent; of two values with one index a row has at
// most one. TTL 86400, permissions 1110, no references, the row's timestamp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/mixes.h"

namespace idnode::bench {

enum class Column : std::uint8_t {
    kNone,
    kIdentifier,
    kTimestamp,  // Seconds since 1970, decimal.
    kSuffix,     // Of the identifier; mixes 0 and 2: empty where there is an own URL.
    kOwnUrl,
    kNote,
    kModel,
    kBatch,
    kSite,
    kMaker,
    kProduct,
};

std::string_view name_of(Column column);

// Text of a column but kTimestamp; views of `item` and constants.
std::string_view column_text(Column column, const Item& item);

struct ValueRule {
    std::uint32_t index;
    std::string_view type;
    std::string_view literal;
    std::array<Column, 2> columns;  // Behind the literal; kNone: no more.
};

struct Layout {
    std::span<const Column> columns;
    std::span<const ValueRule> values;  // Ascending by index.
};

Layout layout_of(MixKind kind);

// One value of a record: its data are the three pieces together.
struct ItemValue {
    std::size_t rule = 0;  // Position in Layout::values.
    std::uint32_t index = 0;
    std::string_view type;
    std::array<std::string_view, 3> pieces;

    [[nodiscard]] std::size_t data_size() const {
        return pieces[0].size() + pieces[1].size() + pieces[2].size();
    }
};

inline constexpr std::size_t kItemValuesMax = 6;

// The values that a record has; views of `item` and constants.
class ItemValues {
public:
    ItemValues(const Layout& layout, const Item& item);
    [[nodiscard]] std::span<const ItemValue> list() const IDN_LIFETIME_BOUND {
        return {values_.data(), count_};
    }

private:
    std::array<ItemValue, kItemValuesMax> values_;
    std::size_t count_ = 0;
};

}  // namespace idnode::bench
