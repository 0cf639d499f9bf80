// Values of plain records in tests, with data that they own.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "registry/own_values.h"
#include "registry/pattern_fit.h"

namespace idnode::registry {

class PlainValues {
public:
    PlainValues(std::string identifier, std::uint32_t time)
        : identifier_(std::move(identifier)), time_(time) {}

    // In ascending index.
    PlainValues& add(std::uint32_t index, std::string_view type, std::string_view data) {
        handle::ValueView& value = values_.emplace_back();
        value.index = index;
        value.timestamp = time_;
        value.type = texts_.emplace_back(type);
        value.data = to_bytes(texts_.emplace_back(data));
        return *this;
    }
    handle::ValueView& last() { return values_.back(); }

    [[nodiscard]] PlainRecord record() const { return {identifier_, time_, values_}; }
    [[nodiscard]] std::string own() const {
        std::string own;
        encode_own_values(values_, time_, own);
        return own;
    }

private:
    std::string identifier_;
    std::uint32_t time_;
    std::deque<std::string> texts_;
    std::vector<handle::ValueView> values_;
};

inline Piece literal(std::string_view text) { return {PieceKind::kLiteral, 0, std::string(text)}; }
inline Piece column(std::uint8_t number) { return {PieceKind::kColumn, number, {}}; }
inline Piece suffix() { return {PieceKind::kSuffix, 0, {}}; }
inline Piece identifier() { return {PieceKind::kIdentifier, 0, {}}; }

inline PatternValue pattern_value(std::uint32_t index, std::string_view type,
                                  std::vector<Piece> data) {
    PatternValue value;
    value.index = index;
    value.ttl_type = handle::kTtlRelative;
    value.ttl = handle::kTtlDefault;
    value.permissions = handle::kPermissionsDefault;
    value.type = type;
    value.references.assign(std::begin(handle::kNoReferences), std::end(handle::kNoReferences));
    value.data = std::move(data);
    return value;
}

}  // namespace idnode::registry
