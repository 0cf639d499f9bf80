#include "registry/block_keys.h"

#include <algorithm>

namespace idnode::registry {
namespace {

template <class Keys>
NumberKeys or_nothing(const std::optional<Keys>& keys) {
    return keys ? NumberKeys(*keys) : NumberKeys();
}

NumberKeys parse_numbers(const BlockOctets& block) {
    switch (block.head.key_form) {
        case KeyForm::kNumeric:
            return or_nothing(parse_numeric_keys(block));
        case KeyForm::kCells:
            return or_nothing(parse_cell_keys(block));
        case KeyForm::kBuckets:
            return or_nothing(parse_bucket_keys(block));
        case KeyForm::kFrontCoded:
            break;
    }
    return {};
}

}  // namespace

KeyWalk::KeyWalk(const BlockOctets& block)
    : block_(block), numbers_(parse_numbers(block)), size_(block.head.prefix_size) {
    std::ranges::copy(block.prefix(), folded_.begin());
    rest_ = block.section(Section::kKeys);
    const std::size_t restarts_size =
        2 * ((block.head.count + kRestartInterval - 1) / kRestartInterval);
    rest_ = rest_.subspan(std::min(restarts_size, rest_.size()));
}

bool KeyWalk::next() {
    if (block_.head.key_form == KeyForm::kFrontCoded) return next_front_coded();
    return std::visit(
        [this]<class Keys>(Keys& keys) {
            if constexpr (std::is_same_v<Keys, std::monostate>) {
                return false;
            } else {
                std::uint64_t number = 0;
                return keys.next(number) && write_number(keys.head.shape, number);
            }
        },
        numbers_);
}

bool KeyWalk::next_front_coded() {
    FrontEntry entry;
    if (!take_front_entry(rest_, entry)) return false;
    const std::size_t kept = block_.head.prefix_size + std::size_t{entry.shared};
    if (kept > size_ || entry.octets.size() > folded_.size() - kept) return false;
    std::ranges::copy(entry.octets, folded_.begin() + static_cast<std::ptrdiff_t>(kept));
    size_ = kept + entry.octets.size();
    return true;
}

// False when the number has more digits than the shape.
bool KeyWalk::write_number(std::string_view shape, std::uint64_t number) {
    constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_ = block_.head.prefix_size + shape.size();
    if (size_ > folded_.size()) return false;
    for (std::size_t i = shape.size(); i-- > 0;) {
        char& octet = folded_[block_.head.prefix_size + i];
        const std::uint32_t radix = shape_radix(shape[i]);
        octet = radix == 0 ? shape[i] : kDigits[number % radix];
        if (radix != 0) number /= radix;
    }
    return number == 0;
}

}  // namespace idnode::registry
