#include "registry/pack_cases.h"

#include <algorithm>

#include "registry/block_columns.h"

namespace idnode::registry {
namespace {

bool is_lower(char octet) { return octet >= 'a' && octet <= 'z'; }
bool is_upper(char octet) { return octet >= 'A' && octet <= 'Z'; }

void set_bit(std::span<std::uint8_t> mask, std::size_t place) {
    mask[place / 8] = static_cast<std::uint8_t>(mask[place / 8] | 1U << place % 8);
}

// Octets up to the last one that is not zero.
std::size_t trimmed_size(ByteSpan mask) {
    std::size_t size = mask.size();
    while (size > 0 && mask[size - 1] == 0) --size;
    return size;
}

// Octets of the mask for this text alone.
std::size_t own_mask_size(std::string_view identifier) {
    const auto last = std::find_if(identifier.rbegin(), identifier.rend(), is_lower);
    return (static_cast<std::size_t>(identifier.rend() - last) + 7) / 8;
}

}  // namespace

void PackCases::scan(std::span<const PackRecord> records) {
    records_ = records;
    own_sizes_.assign(records.size(), 0);
    const std::size_t upper = count_fitting(CaseMode::kUpper);
    if (upper == records.size()) return;
    const std::size_t lower = count_fitting(CaseMode::kLower);
    if (lower == records.size()) return;
    plan_mask();
    const std::size_t masked = count_fitting(CaseMode::kMask);
    if (masked < upper || masked < lower) {
        mode_ = lower > upper ? CaseMode::kLower : CaseMode::kUpper;
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (fits(records[i])) continue;
        own_sizes_[i] = static_cast<std::uint8_t>(1 + own_mask_size(records[i].fields.identifier));
    }
}

std::size_t PackCases::count_fitting(CaseMode mode) {
    mode_ = mode;
    return static_cast<std::size_t>(
        std::ranges::count_if(records_, [this](const PackRecord& record) { return fits(record); }));
}

// Lower case where some record has it and none has upper case.
void PackCases::plan_mask() {
    Mask upper{};
    mask_.fill(0);
    for (const PackRecord& record : records_) {
        const std::string_view identifier = record.fields.identifier;
        for (std::size_t i = 0; i < identifier.size(); ++i) {
            if (is_lower(identifier[i])) set_bit(mask_, i);
            if (is_upper(identifier[i])) set_bit(upper, i);
        }
    }
    for (std::size_t i = 0; i < mask_.size(); ++i) {
        mask_[i] = static_cast<std::uint8_t>(mask_[i] & ~upper[i]);
    }
    mask_size_ = trimmed_size(mask_);
}

bool PackCases::fits(const PackRecord& record) const {
    const std::string_view identifier = record.fields.identifier;
    if (mode_ == CaseMode::kUpper) return identifier == record.folded;
    if (mode_ == CaseMode::kLower) return std::ranges::none_of(identifier, is_upper);
    std::array<char, kIdentifierSizeMax> masked;
    apply_case_mask(record.folded, ByteSpan(mask_).first(mask_size_), masked.data());
    return identifier == std::string_view(masked.data(), identifier.size());
}

void PackCases::write(BlockWriter& out) const {
    if (mode_ == CaseMode::kMask) out.bytes(ByteSpan(mask_).first(mask_size_));
}

void PackCases::write_own(std::size_t position, BlockWriter& out) const {
    if (own_sizes_[position] == 0) return;
    const std::size_t size = own_sizes_[position] - 1U;
    out.u8(size);
    const std::span<std::uint8_t> mask(out.take(size), size);
    const std::string_view identifier = records_[position].fields.identifier;
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        if (is_lower(identifier[i])) set_bit(mask, i);
    }
}

}  // namespace idnode::registry
