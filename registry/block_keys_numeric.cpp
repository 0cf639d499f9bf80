#include <algorithm>

#include "registry/block_keys.h"
#include "registry/digits.h"
#include "registry/short_text.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt() {
    return tl::unexpected(Error{ErrorKind::kCorrupt, "numeric keys of a block"});
}

// digit_value() of each octet, shape_radix() of the octets that are a digit's place.
constexpr std::array<std::uint8_t, 256> kDigits = []() {
    std::array<std::uint8_t, 256> digits{};
    for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = digit_value(static_cast<char>(i));
    return digits;
}();
constexpr std::array<std::uint8_t, 4> kRadixes = []() {
    std::array<std::uint8_t, 4> radixes{};
    for (std::size_t i = 0; i < radixes.size(); ++i) {
        radixes[i] = static_cast<std::uint8_t>(shape_radix(static_cast<char>(i)));
    }
    return radixes;
}();

// Where the target would stand if offsets were even.
std::size_t guess(std::uint64_t target, std::uint64_t last, std::size_t count) {
    if (last == 0) return 0;
    const double part = static_cast<double>(target) / static_cast<double>(last);
    const auto place = static_cast<std::size_t>(part * static_cast<double>(count - 1));
    return std::min(place, count - 1);
}

// The first position whose offset is not below the target. From the guess on in growing steps, then
// by halves. The offset at count - 1 is known to be at or above the target.
std::size_t lower_bound(const BitArray& offsets, std::uint64_t target, std::size_t count,
                        std::size_t guessed) {
    std::size_t high = guessed;
    std::size_t low = high;
    std::size_t step = 1;
    if (offsets[high] < target) {
        do {
            low = high + 1;
            high = std::min(count - 1, high + step);
            step *= 2;
        } while (high < count - 1 && offsets[high] < target);
    } else {
        while (low > 0 && offsets[low - 1] >= target) {
            high = low - 1;
            low -= std::min(low, step);
            step *= 2;
        }
    }
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (offsets[middle] < target) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace

namespace {

constexpr std::array<std::uint64_t, kWordSize + 1> kPowersOfTen = []() {
    std::array<std::uint64_t, kWordSize + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

// Puts the digits of up to eight places of one class behind `number`.
bool append_digits(std::uint8_t place, const char* text, std::size_t size, std::uint64_t& number) {
    std::uint64_t values = 0;
    const std::uint64_t word = load_short(text, size);
    if (place == kShapeDecimal) {
        if (!decimal_values(word, size, values)) return false;
        number = number * kPowersOfTen[size] + join_values<10>(values);
        return true;
    }
    if (!hex_values(word, size, values)) return false;
    number = (number << (4 * size)) + join_values<16>(values);
    return true;
}

// A place by itself: a letter or digit, or what stands there in every identifier.
bool append_place(std::uint8_t place, std::uint8_t octet, std::uint64_t& number) {
    if (place >= kRadixes.size() || kRadixes[place] == 0) return octet == place;
    const std::uint8_t digit = kDigits[octet];
    number = number * kRadixes[place] + digit;
    return digit < kRadixes[place];
}

}  // namespace

std::optional<std::uint64_t> number_of(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return std::nullopt;
    std::uint64_t number = 0;
    std::size_t size = 0;
    for (std::size_t at = 0; at < shape.size(); at += size) {
        const auto place = static_cast<std::uint8_t>(shape[at]);
        size = 1;
        if (place != kShapeDecimal && place != kShapeHex) {
            const auto octet = static_cast<std::uint8_t>(text[at]);
            if (!append_place(place, octet, number)) return std::nullopt;
            continue;
        }
        const std::size_t left = std::min(shape.size() - at, kWordSize);
        const std::uint64_t other = load_short(shape.data() + at, left) ^ (kEachOctet * place);
        size = std::min<std::size_t>(left, static_cast<std::size_t>(std::countr_zero(other)) / 8);
        if (!append_digits(place, text.data() + at, size, number)) return std::nullopt;
    }
    return number;
}

bool take_number_head(ByteSpan& rest, NumberHead& head) {
    constexpr std::size_t kSizeBesideShape = 1 + 1 + 8;
    if (rest.empty() || rest.size() < kSizeBesideShape + rest.front()) return false;
    const std::size_t shape_size = rest.front();
    const std::uint8_t* const behind = rest.data() + 1 + shape_size;
    head.shape = to_text(rest.subspan(1, shape_size));
    head.width = behind[0];
    head.first = load_little<std::uint64_t>(behind + 1);
    rest = rest.subspan(kSizeBesideShape + shape_size);
    return head.width <= 64;
}

std::optional<NumericKeys> parse_numeric_keys(const BlockOctets& block) {
    ByteSpan rest = block.section(Section::kKeys);
    NumericKeys keys;
    if (!take_number_head(rest, keys.head) ||
        rest.size() < bits_size(block.head.count, keys.head.width)) {
        return std::nullopt;
    }
    keys.offsets = BitArray(block.from(rest), keys.head.width);
    return keys;
}

bool NumericKeys::next(std::uint64_t& number) {
    number = head.first + offsets[position++];
    return true;
}

Result<bool> begin_numeric(const BlockOctets& block, std::string_view folded, KeyPlace& place) {
    if (!starts_with(folded, block.prefix())) return false;
    const auto keys = parse_numeric_keys(block);
    if (!keys) return corrupt();
    const auto number = number_of(folded.substr(block.head.prefix_size), keys->head.shape);
    if (!number || *number < keys->head.first) return false;
    place.numbers = keys->offsets;
    place.target = *number - keys->head.first;
    const std::uint64_t last = keys->offsets[block.head.count - 1U];
    if (place.target > last) return false;
    place.at = guess(place.target, last, block.head.count);
    place.numbers.prefetch(place.at);
    return true;
}

FoundPosition end_numeric(const BlockOctets& block, const KeyPlace& place) {
    const std::size_t position =
        lower_bound(place.numbers, place.target, block.head.count, place.at);
    if (place.numbers[position] != place.target) return std::nullopt;
    return static_cast<std::uint32_t>(position);
}

}  // namespace idnode::registry
