// The suffixes of one prefix as numbers that keep their order, for the index of blocks.
//
// A shape is made for a set of keys: the text that all of them begin with, and behind it, place by
// place, the smallest class of octets that holds what they have there. number_of() never falls from
// a text to a greater one, and gives two keys the same number only when they agree on all places of
// the shape and one is longer (covers() tells). Other texts may have any octet anywhere.
//
// Pure; no allocation but for the literal.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace idnode::registry {

// Ordered: each holds all octets of those before it.
enum class OctetClass : std::uint8_t { kDecimal = 0, kHex = 1, kAlphanumeric = 2, kAny = 3 };

class IndexShape {
public:
    // More places do not fit 64 bits, whatever their class.
    static constexpr std::size_t kPlaceCountMax = 17;
    // Numbers of texts below and above all that begin with the literal.
    static constexpr std::uint64_t kBelow = 0;
    static constexpr std::uint64_t kAbove = ~std::uint64_t{0};

    IndexShape() = default;
    // Of keys in ascending order; at least one.
    explicit IndexShape(std::span<const std::string_view> keys);

    [[nodiscard]] std::uint64_t number_of(std::string_view text) const;
    // Whether the number of a key says all of it.
    [[nodiscard]] bool covers(std::string_view key) const {
        return key.size() <= literal_.size() + place_count_;
    }

    bool operator==(const IndexShape&) const = default;
    // The same for equal shapes, and for no others.
    [[nodiscard]] std::string identity() const;

private:
    // Decimal digits that the text begins with; their number is put in front of `number`.
    std::size_t take_decimals(std::string_view text, std::uint64_t& number) const;

    std::string literal_;
    std::array<OctetClass, kPlaceCountMax> places_{};
    std::uint8_t place_count_ = 0;
    std::uint8_t decimal_count_ = 0;  // Places of that class in front of all others.
};

}  // namespace idnode::registry
