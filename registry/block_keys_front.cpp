#include <algorithm>

#include "registry/block_keys.h"
#include "registry/varint.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt() {
    return tl::unexpected(Error{ErrorKind::kCorrupt, "front-coded keys of a block"});
}

// A nibble of a token, with the rest of an escaped one.
bool take_escaped(ByteSpan& rest, std::uint32_t nibble, std::uint32_t& value) {
    value = nibble;
    if (nibble < kNibbleEscape) return true;
    std::uint32_t more = 0;
    if (!take_varint(rest, more) || more > kIdentifierSizeMax) return false;
    value += more;
    return true;
}

struct FrontKeys {
    ByteSpan restarts;
    ByteSpan entries;

    [[nodiscard]] std::size_t restart_count() const { return restarts.size() / 2; }
    // Entries from this restart on; empty when it points outside.
    [[nodiscard]] ByteSpan from_restart(std::size_t restart) const {
        const auto at = load_little<std::uint16_t>(restarts.data() + 2 * restart);
        return at < entries.size() ? entries.subspan(at) : ByteSpan{};
    }
};

std::optional<FrontKeys> parse_front_keys(const BlockOctets& block) {
    FrontKeys keys;
    keys.entries = block.section(Section::kKeys);
    const std::size_t restart_count = (block.head.count + kRestartInterval - 1) / kRestartInterval;
    if (!take_octets(keys.entries, 2 * restart_count, keys.restarts)) return std::nullopt;
    return keys;
}

// The last restart whose key is not above the target; nothing when the first is.
Result<std::optional<std::size_t>> find_restart(const FrontKeys& keys, std::string_view target) {
    std::size_t low = 0;  // Restarts before it are known to be at or below the target.
    std::size_t high = keys.restart_count();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        ByteSpan rest = keys.from_restart(middle);
        FrontEntry entry;
        if (!take_front_entry(rest, entry) || entry.shared != 0) return corrupt();
        if (entry.octets <= target) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) return std::nullopt;
    return low - 1;
}

std::size_t common_size(std::string_view a, std::string_view b) {
    const std::size_t size = std::min(a.size(), b.size());
    std::size_t i = 0;
    while (i < size && a[i] == b[i]) ++i;
    return i;
}

// Walks from a restart whose key is at or below the target. `matched` is what the target has in
// common with the key before: an entry that shares more with it is below the target like it, one
// that shares less is above.
Result<std::optional<std::uint32_t>> walk_to(ByteSpan rest, std::size_t count,
                                             std::string_view target) {
    std::size_t matched = 0;
    for (std::size_t i = 0; i < count; ++i) {
        FrontEntry entry;
        if (!take_front_entry(rest, entry)) return corrupt();
        if (entry.shared > matched) continue;
        if (entry.shared < matched) return std::nullopt;
        const std::string_view left = target.substr(matched);
        const std::size_t common = common_size(entry.octets, left);
        matched += common;
        if (common == entry.octets.size() && common == left.size()) {
            return static_cast<std::uint32_t>(i);
        }
        if (entry.octets.substr(common) > left.substr(common)) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

bool take_front_entry(ByteSpan& rest, FrontEntry& entry) {
    std::uint8_t token = 0;
    std::uint32_t size = 0;
    ByteSpan octets;
    if (!take_u8(rest, token) || !take_escaped(rest, token >> 4U, entry.shared) ||
        !take_escaped(rest, token & 0x0FU, size) || !take_octets(rest, size, octets)) {
        return false;
    }
    entry.octets = to_text(octets);
    return true;
}

Result<std::optional<std::uint32_t>> find_front_coded(const BlockOctets& block,
                                                      std::string_view folded) {
    if (!folded.starts_with(block.prefix())) return std::nullopt;
    const std::string_view target = folded.substr(block.head.prefix_size);
    const auto keys = parse_front_keys(block);
    if (!keys) return corrupt();
    const auto restart = find_restart(*keys, target);
    if (!restart) return tl::unexpected(restart.error());
    if (!restart->has_value()) return std::nullopt;
    const std::size_t before = **restart * kRestartInterval;
    const std::size_t count = std::min(kRestartInterval, block.head.count - before);
    auto found = walk_to(keys->from_restart(**restart), count, target);
    if (found && found->has_value()) **found += static_cast<std::uint32_t>(before);
    return found;
}

}  // namespace idnode::registry
