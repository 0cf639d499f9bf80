#include "registry/pack_keys.h"

#include <algorithm>
#include <bit>

namespace idnode::registry {
namespace {

constexpr std::uint8_t kDecimal = 1;
constexpr std::uint8_t kHexLetter = 2;
constexpr std::uint8_t kOtherLetter = 4;
constexpr std::uint8_t kNoDigit = 8;

// A shape's size takes one octet.
constexpr std::size_t kShapeSizeMax = 255;

constexpr std::uint8_t class_of(char octet) {
    if (octet >= '0' && octet <= '9') return kDecimal;
    if (octet >= 'A' && octet <= 'F') return kHexLetter;
    if (octet >= 'G' && octet <= 'Z') return kOtherLetter;
    return kNoDigit;
}

constexpr std::uint8_t radix_of(std::uint8_t classes) {
    if ((classes & kOtherLetter) != 0) return 36;
    return (classes & kHexLetter) != 0 ? 16 : 10;
}

constexpr std::uint8_t shape_octet(std::uint8_t radix) {
    if (radix == 10) return kShapeDecimal;
    return radix == 16 ? kShapeHex : kShapeAlphanumeric;
}

constexpr auto kDigitValues = []() {
    std::array<std::uint8_t, 256> values{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = digit_value(static_cast<char>(i));
    return values;
}();

std::uint64_t load_word(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
}

std::size_t shared_size(std::string_view a, std::string_view b) {
    const std::size_t size = std::min(a.size(), b.size());
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const std::uint64_t difference = load_word(a, i) ^ load_word(b, i);
        if (difference != 0) return i + static_cast<std::size_t>(std::countr_zero(difference)) / 8;
    }
    while (i < size && a[i] == b[i]) ++i;
    return i;
}

// An octet that a shape would take for a digit cannot be a literal in it.
bool has_shape_octet(std::string_view text) {
    return std::ranges::any_of(text, [](char octet) { return shape_radix(octet) != 0; });
}

std::size_t escape_size(std::size_t value) {
    if (value < kNibbleEscape) return 0;
    return varint_size(static_cast<std::uint32_t>(value - kNibbleEscape));
}

void write_escape(std::size_t value, BlockWriter& out) {
    if (value >= kNibbleEscape) out.varint(static_cast<std::uint32_t>(value - kNibbleEscape));
}

std::size_t restarts_size(std::size_t count) {
    return 2 * ((count + kRestartInterval - 1) / kRestartInterval);
}

}  // namespace

void PackKeys::scan(std::span<const PackRecord> records, Reach reach) {
    records_ = records;
    shared_.resize(records.size());
    prefix_.resize(records.size());
    widenings_.clear();
    const std::string_view first = records.front().folded;
    IDN_CHECK(first.size() <= kIdentifierSizeMax);
    std::fill_n(classes_.begin(), first.size(), std::uint8_t{0});
    shared_[0] = 0;
    prefix_[0] = static_cast<std::uint16_t>(first.size());
    numeric_count_ = 1;
    bool has_shape = !has_shape_octet(first);
    for (std::size_t i = 1; i < records.size(); ++i) {
        const std::size_t shared = shared_size(records[i - 1].folded, records[i].folded);
        shared_[i] = static_cast<std::uint16_t>(shared);
        prefix_[i] = std::min(prefix_[i - 1], shared_[i]);
        has_shape = has_shape && first.size() - prefix_[i] <= kShapeSizeMax && widen(i, shared);
        if (!has_shape && reach == Reach::kOneShape) break;
        if (has_shape) numeric_count_ = i + 1;
    }
    while (!widenings_.empty() && widenings_.back().record >= numeric_count_) {
        widenings_.pop_back();
    }
    shape_for(numeric_count_);
    number_all(numeric_count_);
}

// Places in front of `shared` are as in the record before. False when one shape does not do.
bool PackKeys::widen(std::size_t record, std::size_t shared) {
    const std::string_view first = records_.front().folded;
    const std::string_view text = records_[record].folded;
    if (text.size() != first.size()) return false;
    bool widened = false;
    for (std::size_t place = shared; place < text.size(); ++place) {
        std::uint8_t& classes = classes_[place];
        if (classes == 0 && text[place] == first[place]) continue;
        const auto wanted = static_cast<std::uint8_t>(classes | class_of(text[place]) |
                                                      (classes == 0 ? class_of(first[place]) : 0));
        if (wanted == classes) continue;
        if ((wanted & kNoDigit) != 0) return false;
        classes = wanted;
        widenings_.push_back(
            {static_cast<std::uint32_t>(record), static_cast<std::uint16_t>(place), wanted});
        widened = true;
    }
    return !widened || digits_fit();
}

// Whether the largest number is below 2^64.
bool PackKeys::digits_fit() const {
    std::uint64_t largest = 0;
    for (std::size_t place = 0; place < records_.front().folded.size(); ++place) {
        if (classes_[place] == 0) continue;
        const std::uint64_t radix = radix_of(classes_[place]);
        if (__builtin_mul_overflow(largest, radix, &largest) ||
            __builtin_add_overflow(largest, radix - 1, &largest)) {
            return false;
        }
    }
    return true;
}

void PackKeys::shape_for(std::size_t count) {
    const std::size_t size = records_.front().folded.size();
    std::fill_n(classes_.begin(), size, std::uint8_t{0});
    for (const Widening& widening : widenings_) {
        if (widening.record < count) classes_[widening.place] = widening.classes;
    }
    digits_.clear();
    for (std::size_t place = 0; place < size; ++place) {
        if (classes_[place] == 0) continue;
        digits_.push_back({static_cast<std::uint16_t>(place), radix_of(classes_[place])});
    }
}

void PackKeys::number_all(std::size_t count) {
    numbers_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const char* const octets = records_[i].folded.data();
        std::uint64_t number = 0;
        for (const Digit& digit : digits_) {
            number =
                number * digit.radix + kDigitValues[static_cast<std::uint8_t>(octets[digit.place])];
        }
        numbers_[i] = number;
    }
    number_forms_.scan(numbers_);
}

bool PackKeys::narrow(std::size_t count) {
    const auto beyond = std::ranges::lower_bound(widenings_, count, {}, &Widening::record);
    if (beyond == widenings_.end()) return false;
    numeric_count_ = beyond->record;
    widenings_.erase(beyond, widenings_.end());
    shape_for(numeric_count_);
    number_all(numeric_count_);
    return true;
}

std::size_t PackKeys::numeric_size(std::size_t count) const {
    return records_.front().folded.size() + 1 + number_forms_.choose(count).size;
}

std::size_t PackKeys::front_coded_size(std::size_t count) const {
    const std::size_t prefix = prefix_size(count);
    std::size_t size = prefix + restarts_size(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t shared = i % kRestartInterval == 0 ? prefix : shared_[i];
        const std::size_t left = records_[i].folded.size() - shared;
        size += 1 + escape_size(shared - prefix) + escape_size(left) + left;
    }
    return size;
}

void PackKeys::write_numeric(std::size_t count, BlockWriter& out) const {
    const std::string_view first = records_.front().folded;
    const std::size_t prefix = prefix_size(count);
    out.u8(first.size() - prefix);
    for (std::size_t place = prefix; place < first.size(); ++place) {
        const bool is_literal = classes_[place] == 0;
        out.u8(is_literal ? static_cast<std::uint8_t>(first[place])
                          : shape_octet(radix_of(classes_[place])));
    }
    number_forms_.write(count, out);
}

void PackKeys::write_front_coded(std::size_t count, BlockWriter& out) const {
    const std::size_t prefix = prefix_size(count);
    BlockWriter restarts({out.take(restarts_size(count)), restarts_size(count)});
    const std::size_t entries_at = out.position();
    for (std::size_t i = 0; i < count; ++i) {
        const bool restarts_here = i % kRestartInterval == 0;
        if (restarts_here) restarts.u16(out.position() - entries_at);
        const std::size_t kept = restarts_here ? prefix : shared_[i];
        const std::size_t shared = kept - prefix;
        const std::string_view left = records_[i].folded.substr(kept);
        const std::size_t nibbles = std::min<std::size_t>(shared, kNibbleEscape) << 4U |
                                    std::min<std::size_t>(left.size(), kNibbleEscape);
        out.u8(nibbles);
        write_escape(shared, out);
        write_escape(left.size(), out);
        out.text(left);
    }
}

}  // namespace idnode::registry
