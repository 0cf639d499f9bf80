#include "registry/index_shape.h"

#include <algorithm>

#include "registry/digits.h"
#include "registry/short_text.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kClassCount = 4;
// A code with this bit stands for octets between those of the class: no key has it.
constexpr std::uint16_t kBetween = 0x8000;
constexpr std::uint16_t kNumber = 0x7FFF;

constexpr bool holds(OctetClass octets, unsigned octet) {
    const bool is_digit = octet >= '0' && octet <= '9';
    switch (octets) {
        case OctetClass::kDecimal:
            return is_digit;
        case OctetClass::kHex:
            return is_digit || (octet >= 'A' && octet <= 'F');
        case OctetClass::kAlphanumeric:
            return is_digit || (octet >= 'A' && octet <= 'Z');
        case OctetClass::kAny:
            return true;
    }
    return false;
}

// What an octet counts at a place of a class. 0 is the end of the text; a run of octets that are
// not of the class shares one number, marked kBetween.
struct Codes {
    std::array<std::uint16_t, 256> code{};
    std::uint64_t radix = 0;
};

constexpr Codes codes_of(OctetClass octets) {
    Codes codes;
    std::uint16_t next = 1;
    bool was_between = false;
    for (unsigned octet = 0; octet < 256; ++octet) {
        const bool is_one = holds(octets, octet);
        if (octet > 0 && (is_one || !was_between)) ++next;
        codes.code[octet] = static_cast<std::uint16_t>(is_one ? next : next | kBetween);
        was_between = !is_one;
    }
    codes.radix = next + 1U;
    return codes;
}

constexpr std::array<Codes, kClassCount> kCodes = {
    codes_of(OctetClass::kDecimal), codes_of(OctetClass::kHex), codes_of(OctetClass::kAlphanumeric),
    codes_of(OctetClass::kAny)};

constexpr std::uint64_t kDecimalRadix = kCodes[0].radix;
constexpr std::uint64_t kCodeOfZero = kCodes[0].code['0'];
static_assert(kCodes[0].code['9'] == kCodeOfZero + 9);

constexpr std::array<std::uint64_t, kWordSize + 1> kDecimalPowers = []() {
    std::array<std::uint64_t, kWordSize + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * kDecimalRadix;
    return powers;
}();

const Codes& codes_for(OctetClass octets) { return kCodes[static_cast<std::size_t>(octets)]; }

OctetClass class_of(char octet) {
    OctetClass found = OctetClass::kDecimal;
    while (!holds(found, static_cast<unsigned char>(octet))) {
        found = static_cast<OctetClass>(static_cast<std::uint8_t>(found) + 1);
    }
    return found;
}

std::string_view common_start(std::string_view a, std::string_view b) {
    const auto [end, unused] = std::ranges::mismatch(a, b);
    return a.substr(0, static_cast<std::size_t>(end - a.begin()));
}

}  // namespace

IndexShape::IndexShape(std::span<const std::string_view> keys)
    : literal_(common_start(keys.front(), keys.back())) {
    std::size_t longest = 0;
    for (const std::string_view key : keys) {
        const std::string_view rest = key.substr(literal_.size());
        longest = std::max(longest, rest.size());
        const std::size_t seen = std::min(rest.size(), kPlaceCountMax);
        for (std::size_t i = 0; i < seen; ++i) {
            places_[i] = std::max(places_[i], class_of(rest[i]));
        }
    }
    // All numbers, one more and kAbove fit 64 bits.
    std::uint64_t room = kAbove - 2;
    while (place_count_ < std::min(longest, kPlaceCountMax)) {
        room /= codes_for(places_[place_count_]).radix;
        if (room == 0) break;
        ++place_count_;
    }
    std::fill(places_.begin() + place_count_, places_.end(), OctetClass::kDecimal);
    while (decimal_count_ < place_count_ && places_[decimal_count_] == OctetClass::kDecimal) {
        ++decimal_count_;
    }
}

std::size_t IndexShape::take_decimals(std::string_view text, std::uint64_t& number) const {
    const std::size_t end = std::min<std::size_t>(decimal_count_, text.size());
    std::size_t place = 0;
    while (place < end) {
        const std::size_t size = std::min(end - place, kWordSize);
        std::uint64_t values = 0;
        if (!decimal_values(load_short(text.data() + place, size), size, values)) break;
        const std::uint64_t codes = values + moved_up(kEachOctet * kCodeOfZero, size);
        number = number * kDecimalPowers[size] + join_values<kDecimalRadix>(codes);
        place += size;
    }
    return place;
}

std::uint64_t IndexShape::number_of(std::string_view text) const {
    if (!starts_with(text, literal_)) {
        return text.compare(0, literal_.size(), literal_) < 0 ? kBelow : kAbove;
    }
    text.remove_prefix(literal_.size());
    std::uint64_t number = 0;
    std::size_t place = take_decimals(text, number);
    for (const std::size_t end = std::min<std::size_t>(place_count_, text.size()); place < end;) {
        const Codes& codes = codes_for(places_[place]);
        const std::uint16_t code = codes.code[static_cast<unsigned char>(text[place])];
        number = number * codes.radix + (code & kNumber);
        ++place;
        if ((code & kBetween) != 0) break;
    }
    // Behind the end, or behind an octet that no key has: zeros.
    for (; place < place_count_; ++place) number *= codes_for(places_[place]).radix;
    return number + 1;
}

std::string IndexShape::identity() const {
    std::string identity = literal_;
    identity.push_back('\0');
    for (std::size_t i = 0; i < place_count_; ++i) {
        identity.push_back(static_cast<char>(places_[i]));
    }
    // Behind the last place: a literal may hold any octet.
    identity.push_back(static_cast<char>(place_count_));
    return identity;
}

}  // namespace idnode::registry
