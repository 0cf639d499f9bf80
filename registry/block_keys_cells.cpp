#include "registry/bit_cells.h"
#include "registry/block_keys.h"
#include "registry/short_text.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt() {
    return tl::unexpected(Error{ErrorKind::kCorrupt, "cells of a block"});
}

// The last run that does not begin above the target; nothing when the first does.
std::optional<std::size_t> run_of(const CellKeys& keys, std::uint64_t target) {
    std::size_t low = 0;
    std::size_t high = keys.run_count;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (keys.starts[middle] <= target) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) return std::nullopt;
    return low - 1;
}

}  // namespace

std::optional<CellKeys> parse_cell_keys(const BlockOctets& block) {
    ByteSpan rest = block.section(Section::kKeys);
    CellKeys keys;
    constexpr std::size_t kCountsSize = 1 + 2 + 2;
    if (!take_number_head(rest, keys.head) || rest.size() < kCountsSize) return std::nullopt;
    const unsigned place_width = rest[0];
    keys.bit_count = load_little<std::uint16_t>(rest.data() + 1);
    keys.run_count = load_little<std::uint16_t>(rest.data() + 3);
    rest = rest.subspan(kCountsSize);
    const std::size_t starts_size = bits_size(keys.run_count, keys.head.width);
    const std::size_t places_size = bits_size(keys.run_count, place_width);
    if (place_width > 64 || rest.size() < starts_size + places_size + bitmap_size(keys.bit_count)) {
        return std::nullopt;
    }
    keys.starts = BitArray(block.from(rest), keys.head.width);
    keys.places = BitArray(block.from(rest.subspan(starts_size)), place_width);
    keys.cells = rest.subspan(starts_size + places_size);
    return keys;
}

bool CellKeys::next(std::uint64_t& number) {
    while (place < bit_count && !bit_in_cells(cells, place)) ++place;
    if (place >= bit_count) return false;
    while (run + 1 < run_count && places[run + 1] <= place) ++run;
    if (run >= run_count || places[run] > place) return false;
    number = head.first + starts[run] + (place - places[run]);
    ++place;
    return true;
}

Result<bool> begin_in_cells(const BlockOctets& block, std::string_view folded, KeyPlace& place) {
    if (!starts_with(folded, block.prefix())) return false;
    const auto keys = parse_cell_keys(block);
    if (!keys) return corrupt();
    const auto number = number_of(folded.substr(block.head.prefix_size), keys->head.shape);
    if (!number || *number < keys->head.first) return false;
    const std::uint64_t target = *number - keys->head.first;
    const auto run = run_of(*keys, target);
    if (!run) return corrupt();
    const std::uint64_t begin = keys->places[*run];
    const std::uint64_t end = *run + 1 < keys->run_count ? keys->places[*run + 1] : keys->bit_count;
    if (begin >= end || end > keys->bit_count) return corrupt();
    const std::uint64_t distance = target - keys->starts[*run];
    if (distance >= end - begin) return false;
    place.bits = keys->cells;
    place.at = begin + distance;
    __builtin_prefetch(place.bits.data() + place.at / kCellBitCount * kCellSize);
    return true;
}

FoundPosition end_in_cells(const BlockOctets& block, const KeyPlace& place) {
    const Rank rank = rank_in_cells(place.bits, place.at);
    if (!rank.is_one) return std::nullopt;
    if (rank.before >= block.head.count) return corrupt();
    return static_cast<std::uint32_t>(rank.before);
}

}  // namespace idnode::registry
