#include "bench/layout.h"

namespace idnode::bench {
namespace {

using enum Column;

constexpr std::string_view kResolver = "https://id.example.com/";
constexpr std::string_view kDescription = "Product of the industrial internet";
constexpr std::array<Column, 2> kNothing = {kNone, kNone};

constexpr std::array kMixedColumns = {kIdentifier, kTimestamp, kSuffix, kOwnUrl, kNote};
constexpr std::array<ValueRule, 4> kMixedValues = {{
    {1, "URL", kResolver, {kSuffix, kNone}},
    {1, "URL", "", {kOwnUrl, kNone}},
    {2, "DESC", kDescription, kNothing},
    {3, "NOTE", "", {kNote, kNone}},
}};

constexpr std::array kBestColumns = {kIdentifier, kTimestamp};
constexpr std::array<ValueRule, 2> kBestValues = {{
    {1, "URL", kResolver, {kIdentifier, kNone}},
    {2, "DESC", kDescription, kNothing},
}};

constexpr std::array kBadColumns = {kIdentifier, kTimestamp, kSuffix, kOwnUrl};
constexpr std::array<ValueRule, 3> kBadValues = {{
    {1, "URL", kResolver, {kSuffix, kNone}},
    {1, "URL", "", {kOwnUrl, kNone}},
    {2, "DESC", kDescription, kNothing},
}};

constexpr std::array kNationalColumns = {kIdentifier, kTimestamp, kModel, kBatch, kNote};
constexpr std::array<ValueRule, 4> kNationalValues = {{
    {1, "URL", kResolver, {kIdentifier, kNone}},
    {2, "MODEL", "", {kModel, kNone}},
    {3, "BATCH", "", {kBatch, kNone}},
    {4, "NOTE", "", {kNote, kNone}},
}};

constexpr std::array kSampleColumns = {kIdentifier, kTimestamp, kSite,  kSuffix,
                                       kMaker,      kProduct,   kModel, kBatch};
constexpr std::array<ValueRule, 5> kSampleValues = {{
    {1, "URL", "", {kSite, kSuffix}},
    {2, "PRODUCT", "", {kProduct, kNone}},
    {3, "MAKER", "", {kMaker, kNone}},
    {4, "MODEL", "", {kModel, kNone}},
    {5, "BATCH", "", {kBatch, kNone}},
}};

}  // namespace

std::string_view name_of(Column column) {
    constexpr std::array<std::string_view, 11> kNames = {
        "",      "identifier", "timestamp", "suffix", "own_url", "note",
        "model", "batch",      "site",      "maker",  "product"};
    return kNames[static_cast<std::size_t>(column)];
}

std::string_view column_text(Column column, const Item& item) {
    switch (column) {
        case kIdentifier:
            return item.identifier.view();
        case kSuffix:
            return item.own_url.empty() ? item.suffix() : std::string_view{};
        case kOwnUrl:
            return item.own_url.view();
        case kNote:
            return item.note.view();
        case kModel:
            return item.model.view();
        case kBatch:
            return item.batch.view();
        case kSite:
            return item.enterprise->profile->site;
        case kMaker:
            return item.enterprise->profile->maker;
        case kProduct:
            return item.enterprise->profile->product;
        case kNone:
        case kTimestamp:
            break;
    }
    return {};
}

Layout layout_of(MixKind kind) {
    switch (kind) {
        case MixKind::kMixed:
            return {kMixedColumns, kMixedValues};
        case MixKind::kBest:
            return {kBestColumns, kBestValues};
        case MixKind::kBad:
            return {kBadColumns, kBadValues};
        case MixKind::kNational:
            return {kNationalColumns, kNationalValues};
        case MixKind::kSample:
            break;
    }
    return {kSampleColumns, kSampleValues};
}

ItemValues::ItemValues(const Layout& layout, const Item& item) {
    for (std::size_t number = 0; number < layout.values.size(); ++number) {
        const ValueRule& rule = layout.values[number];
        ItemValue& value = values_[count_];
        value.rule = number;
        value.index = rule.index;
        value.type = rule.type;
        value.pieces = {rule.literal, column_text(rule.columns[0], item),
                        column_text(rule.columns[1], item)};
        const bool absent = rule.columns[0] != kNone && value.pieces[1].empty();
        if (!absent) ++count_;
    }
}

}  // namespace idnode::bench
