#include <algorithm>
#include <bit>

#include "registry/bit_cells.h"
#include "registry/block_keys.h"
#include "registry/short_text.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt() {
    return tl::unexpected(Error{ErrorKind::kCorrupt, "buckets of a block"});
}

// Bits of one look at the marks: as many as are there wherever in an octet it begins.
constexpr unsigned kLookSize = 56;

// The zeros from bit `place` on as ones; behind the end all are.
std::uint64_t zeros_from(ByteSpan marks, std::size_t place) {
    std::uint64_t word = 0;
    if (place / 8 < marks.size()) {
        const ByteSpan octets = marks.subspan(place / 8);
        std::memcpy(&word, octets.data(), std::min(octets.size(), sizeof word));
    }
    return ~(word >> place % 8) & low_bits(kLookSize);
}

// The place behind `zeros` more zeros.
std::size_t skip_zeros(ByteSpan marks, std::size_t place, std::size_t zeros) {
    if (zeros == 0) return place;
    std::uint64_t word = zeros_from(marks, place);
    for (std::size_t here = count_ones(word); here < zeros; here = count_ones(word)) {
        zeros -= here;
        place += kLookSize;
        word = zeros_from(marks, place);
    }
    for (; zeros > 1; --zeros) word &= word - 1;
    return place + static_cast<std::size_t>(std::countr_zero(word)) + 1;
}

// How many ones follow each other from `place` on.
std::size_t ones_from(ByteSpan marks, std::size_t place) {
    std::size_t size = 0;
    std::uint64_t word = zeros_from(marks, place);
    for (; word == 0; word = zeros_from(marks, place + size)) size += kLookSize;
    return size + static_cast<std::size_t>(std::countr_zero(word));
}

// The first of lows [from, to) that is not below `low`; `to` when there is none.
std::size_t lower_bound(const BitArray& lows, std::size_t from, std::size_t to, std::uint64_t low) {
    while (from < to) {
        const std::size_t middle = (from + to) / 2;
        if (lows[middle] < low) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

}  // namespace

std::optional<BucketKeys> parse_bucket_keys(const BlockOctets& block) {
    ByteSpan rest = block.section(Section::kKeys);
    const std::size_t count = block.head.count;
    BucketKeys keys;
    std::uint16_t bucket_count = 0;
    ByteSpan samples;
    if (!take_number_head(rest, keys.head) || keys.head.width >= 64 ||
        !take_little(rest, bucket_count)) {
        return std::nullopt;
    }
    const auto sample_width = static_cast<unsigned>(std::bit_width(count));
    const std::size_t sample_count = (bucket_count + kBucketsPerSample - 1) / kBucketsPerSample;
    if (!take_octets(rest, bits_size(sample_count, sample_width), samples) ||
        !take_octets(rest, bits_size(count + bucket_count, 1), keys.marks) ||
        rest.size() < bits_size(count, keys.head.width)) {
        return std::nullopt;
    }
    keys.bucket_count = bucket_count;
    keys.samples = BitArray(block.from(samples), sample_width);
    keys.lows = BitArray(block.from(rest), keys.head.width);
    return keys;
}

bool BucketKeys::next(std::uint64_t& number) {
    bucket = skip_to_mark(bucket);
    if (bucket >= bucket_count) return false;
    number = head.first + (std::uint64_t{bucket} << head.width | lows[position]);
    ++position;
    return true;
}

// The bucket of the next number, from `from` on.
std::size_t BucketKeys::skip_to_mark(std::size_t from) const {
    for (; from < bucket_count; ++from) {
        if ((zeros_from(marks, position + from) & 1U) == 0) break;
    }
    return from;
}

Result<bool> begin_in_buckets(const BlockOctets& block, std::string_view folded, KeyPlace& place) {
    if (!starts_with(folded, block.prefix())) return false;
    const auto keys = parse_bucket_keys(block);
    if (!keys) return corrupt();
    const auto number = number_of(folded.substr(block.head.prefix_size), keys->head.shape);
    if (!number || *number < keys->head.first) return false;
    const std::uint64_t target = *number - keys->head.first;
    const std::uint64_t bucket = target >> keys->head.width;
    if (bucket >= keys->bucket_count) return false;
    const std::size_t sample = bucket / kBucketsPerSample;
    const std::size_t before_sampled = keys->samples[sample];
    place.bits = keys->marks;
    place.numbers = keys->lows;
    place.target = target & low_bits(keys->head.width);
    place.at = before_sampled + sample * kBucketsPerSample;
    place.zeros = bucket % kBucketsPerSample;
    place.bucket = bucket;
    __builtin_prefetch(place.bits.data() + place.at / 8);
    // About: as if numbers were spread evenly over the buckets behind the sample.
    place.numbers.prefetch(before_sampled + place.zeros * block.head.count / keys->bucket_count);
    return true;
}

FoundPosition end_in_buckets(const BlockOctets& block, const KeyPlace& place) {
    const std::size_t behind = skip_zeros(place.bits, place.at, place.zeros);
    const std::size_t from = behind - place.bucket;
    const std::size_t to = from + ones_from(place.bits, behind);
    if (behind < place.bucket || to > block.head.count) return corrupt();
    const std::size_t position = lower_bound(place.numbers, from, to, place.target);
    if (position == to || place.numbers[position] != place.target) return std::nullopt;
    return static_cast<std::uint32_t>(position);
}

}  // namespace idnode::registry
