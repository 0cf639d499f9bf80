#include "registry/block_keys.h"

#include <algorithm>

namespace idnode::registry {

KeyWalk::KeyWalk(const BlockOctets& block) : block_(block), size_(block.head.prefix_size) {
    std::ranges::copy(block.prefix(), folded_.begin());
    if (block.head.key_form == KeyForm::kNumeric) {
        numeric_ = parse_numeric_keys(block);
        return;
    }
    rest_ = block.section(Section::kKeys);
    const std::size_t restarts_size =
        2 * ((block.head.count + kRestartInterval - 1) / kRestartInterval);
    rest_ = rest_.subspan(std::min(restarts_size, rest_.size()));
}

bool KeyWalk::next() {
    const bool walked =
        block_.head.key_form == KeyForm::kNumeric ? next_numeric() : next_front_coded();
    ++position_;
    return walked;
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

bool KeyWalk::next_numeric() {
    constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (!numeric_.has_value()) return false;
    const std::string_view shape = numeric_->shape;
    size_ = block_.head.prefix_size + shape.size();
    if (size_ > folded_.size()) return false;
    std::uint64_t number = numeric_->first + numeric_->offsets[position_];
    for (std::size_t i = shape.size(); i-- > 0;) {
        char& octet = folded_[block_.head.prefix_size + i];
        const std::uint32_t radix = shape_radix(shape[i]);
        octet = radix == 0 ? shape[i] : kDigits[number % radix];
        if (radix != 0) number /= radix;
    }
    return number == 0;
}

}  // namespace idnode::registry
