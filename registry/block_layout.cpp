#include "registry/block_layout.h"

#include <xxhash.h>

#include "registry/bits.h"

namespace idnode::registry {
namespace {

tl::unexpected<Error> corrupt(std::string_view where) {
    return tl::unexpected(Error{ErrorKind::kCorrupt, where});
}

bool forms_known(const BlockHead& head) {
    return head.key_form >= KeyForm::kFrontCoded && head.key_form <= KeyForm::kBuckets &&
           head.case_mode <= CaseMode::kMask && head.time_form <= TimeForm::kOffsets &&
           head.exception_form <= ExceptionForm::kBitmap && head.entry_form <= EntryForm::kCoded;
}

// Sections follow each other between the common prefix and the end of the used octets.
bool sections_fit(const BlockHead& head, std::size_t stored_size) {
    // All neighbours at once: the eighth and the first have none.
    using Offsets = std::uint16_t __attribute__((vector_size(16)));
    static_assert(kSectionCount + 1 == sizeof(Offsets) / sizeof(std::uint16_t));
    Offsets from{};
    Offsets to{};
    std::memcpy(&from, head.offsets.data(), (kSectionCount - 1) * sizeof(std::uint16_t));
    std::memcpy(&to, head.offsets.data() + 1, (kSectionCount - 1) * sizeof(std::uint16_t));
    const auto falls = std::bit_cast<std::array<std::uint64_t, 2>>(from > to);
    return (falls[0] | falls[1]) == 0 &&
           kBlockHeadSize + head.prefix_size <= head.offsets.front() &&
           head.offsets.back() <= head.used && head.used <= stored_size;
}

// The table alone, or with shapes of texts behind it, where each pattern's end is said.
bool patterns_fit(const BlockHead& head, std::size_t size) {
    const std::size_t table_size = head.pattern_count * kPatternEntrySize;
    if (head.entry_form == EntryForm::kPlain) return size == table_size;
    return size >= table_size + 2U * head.pattern_count;
}

bool counts_fit(const BlockHead& head) {
    const std::size_t patterns_size =
        std::size_t{head.offsets[static_cast<std::size_t>(Section::kTimes)]} -
        head.offsets[static_cast<std::size_t>(Section::kPatterns)];
    return head.count > 0 && head.count <= kBlockRecordCountMax &&
           head.prefix_size <= kIdentifierSizeMax && head.exception_count <= head.count &&
           patterns_fit(head, patterns_size) &&
           (head.dominant == kNoSlot || head.dominant < head.pattern_count);
}

void read_head(const std::uint8_t* octets, BlockHead& head) {
    head.key_form = static_cast<KeyForm>(octets[2]);
    head.case_mode = static_cast<CaseMode>(octets[3]);
    head.used = load_little<std::uint32_t>(octets + 8);
    head.count = load_little<std::uint16_t>(octets + 12);
    head.prefix_size = load_little<std::uint16_t>(octets + 14);
    head.pattern_count = octets[16];
    head.dominant = octets[17];
    head.time_form = static_cast<TimeForm>(octets[18]);
    head.exception_form = static_cast<ExceptionForm>(octets[19] & low_bits(kEntryFormShift));
    head.entry_form = static_cast<EntryForm>(octets[19] >> kEntryFormShift);
    head.base_time = load_little<std::uint32_t>(octets + 20);
    head.exception_count = load_little<std::uint16_t>(octets + 24);
    std::memcpy(head.offsets.data(), octets + 26, sizeof head.offsets);
}

}  // namespace

Result<Done> parse_block(ByteSpan stored, BlockOctets& block) {
    if (stored.size() < kBlockSize || (stored.size() - kBlockSize) % kPageSize != 0) {
        return corrupt("size of a block");
    }
    if (stored[0] != kBlockKind || stored[1] != kBlockVersion) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "block's kind or version"});
    }
    block.stored = stored;
    read_head(stored.data(), block.head);
    if (!forms_known(block.head)) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "form of a block"});
    }
    if (!sections_fit(block.head, stored.size())) return corrupt("sections of a block");
    if (!counts_fit(block.head)) return corrupt("counts of a block");
    return Done{};
}

std::uint32_t block_checksum(ByteSpan used) {
    const ByteSpan covered = used.subspan(kChecksumEnd);
    const auto seed = load_little<std::uint32_t>(used.data());
    const std::uint64_t hash = XXH3_64bits_withSeed(covered.data(), covered.size(), seed);
    return static_cast<std::uint32_t>(hash);
}

}  // namespace idnode::registry
