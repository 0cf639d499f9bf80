// The head of a block, and where its sections lie (docs/storage.md, "Blocks").
//
//     kind:u8 version:u8 key_form:u8 case_mode:u8 checksum:u32 used:u32 count:u16 prefix_size:u16
//     pattern_count:u8 dominant:u8 time_form:u8 exception_form:u8 base_time:u32 exception_count:u16
//     offsets:u16[7] prefix | patterns | times | columns | cases | keys | exceptions | entries
//
// Little-endian. An offset counts from the start of the block; a section ends where the next
// begins, the entries end at `used`. Parsing checks all of it: kCorrupt, or kUnsupported for forms
// unknown.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/limits.h"
#include "protocol/core/result.h"
#include "registry/pattern.h"

namespace idnode::registry {

inline constexpr std::size_t kBlockSize = 4'080;  // A page of 4096 less LMDB's 16-octet head.
inline constexpr std::size_t kBlockRecordCountMax = 16'384;
inline constexpr std::size_t kPageSize = 4'096;

// What `info` and `verify` count blocks by.
enum class KeyForm : std::uint8_t { kFrontCoded = 1, kNumeric = 2, kCells = 3, kBuckets = 4 };

// The registered case of the identifiers that are no exceptions.
enum class CaseMode : std::uint8_t {
    kUpper = 0,  // As folded.
    kLower = 1,  // Every ASCII letter in lower case.
    kMask = 2,   // Lower case where the section "cases" has a bit; upper beyond its end.
};

enum class TimeForm : std::uint8_t { kOne = 0, kRuns = 1, kOffsets = 2 };

// How the positions of exceptions are kept.
enum class ExceptionForm : std::uint8_t { kNone = 0, kAll = 1, kPositions = 2, kBitmap = 3 };

// How the entries of exceptions are kept: the high four bits of the octet of the form above.
enum class EntryForm : std::uint8_t {
    kPlain = 0,   // Where each begins; columns as they are.
    kShaped = 1,  // The same, with columns by shapes (block_texts.h) behind the table of patterns.
    kCoded = 2,   // By shapes too; form, slot and size are said once for all entries of a kind.
};
inline constexpr unsigned kEntryFormShift = 4;

enum class ColumnForm : std::uint8_t {
    kOne = 0,
    kFixed = 1,
    kPlain = 2,
    kRuns = 3,
    kDictionary = 4,
    kFixedShared = 5,  // Fixed and plain by a shape (block_texts.h).
    kPlainShared = 6,
};

enum class Section : std::uint8_t {
    kPatterns = 0,
    kTimes = 1,
    kColumns = 2,
    kCases = 3,
    kKeys = 4,
    kExceptions = 5,
    kEntries = 6,
};
inline constexpr std::size_t kSectionCount = 7;

inline constexpr std::uint8_t kBlockKind = 'B';
inline constexpr std::uint8_t kBlockVersion = 1;
inline constexpr std::size_t kBlockHeadSize = 40;
inline constexpr std::size_t kChecksumAt = 4;
inline constexpr std::size_t kChecksumEnd = 8;

// One pattern in a block's table: prefix_number:u32 id:u16 column_count:u8.
inline constexpr std::size_t kPatternEntrySize = 7;
inline constexpr std::size_t kBlockPatternCountMax = 255;
inline constexpr std::uint8_t kNoSlot = 255;  // No pattern: stored whole.

// A bitmap is cut in cells (bit_cells.h): rank:u16, then up to 496 bits.
inline constexpr std::size_t kCellBitCount = 496;
inline constexpr std::size_t kCellSize = 64;

// Octets of a bitmap of `count` bits; the last cell ends with its last bit.
constexpr std::size_t bitmap_size(std::size_t count) {
    const std::size_t left = count % kCellBitCount;
    return count / kCellBitCount * kCellSize + (left == 0 ? 0 : 2 + (left + 7) / 8);
}

// The first octet of an exception's entry: low bits the pattern's slot, high bits what follows.
inline constexpr std::uint8_t kEntrySlotBits = 0x1F;
inline constexpr std::uint8_t kEntrySlotFollows = 30;  // In an octet of its own.
inline constexpr std::uint8_t kEntryWhole = 31;
inline constexpr std::uint8_t kEntryHasOwn = 0x20;
inline constexpr std::uint8_t kEntryHasCase = 0x40;
inline constexpr std::uint8_t kEntryHasTime = 0x80;

// Coded entries: form:u8 slot:u8 size:u16 of each kind, which are not in the entries then; where
// every 16th entry begins is said.
inline constexpr std::size_t kEntryKindSize = 4;
inline constexpr std::size_t kEntryCheckpoint = 16;

// Front coding: a whole key every so many records.
inline constexpr std::size_t kRestartInterval = 16;
inline constexpr std::uint8_t kNibbleEscape = 15;

// Numeric keys: an octet of the shape that stands for a digit of this radix; any other is a
// literal.
inline constexpr std::uint8_t kShapeDecimal = 1;
inline constexpr std::uint8_t kShapeHex = 2;
inline constexpr std::uint8_t kShapeAlphanumeric = 3;

struct BlockHead {
    KeyForm key_form = KeyForm::kFrontCoded;
    CaseMode case_mode = CaseMode::kUpper;
    TimeForm time_form = TimeForm::kOne;
    ExceptionForm exception_form = ExceptionForm::kNone;
    EntryForm entry_form = EntryForm::kPlain;
    std::uint8_t pattern_count = 0;
    std::uint8_t dominant = kNoSlot;  // Slot of the pattern of all that are no exceptions.
    std::uint16_t count = 0;
    std::uint16_t prefix_size = 0;
    std::uint16_t exception_count = 0;
    std::uint32_t base_time = 0;
    std::uint32_t used = 0;
    std::array<std::uint16_t, kSectionCount> offsets{};
};

// A block whose head was parsed. A view.
struct BlockOctets {
    ByteSpan stored;
    BlockHead head;

    [[nodiscard]] std::string_view prefix() const {
        return to_text(stored.subspan(kBlockHeadSize, head.prefix_size));
    }
    [[nodiscard]] ByteSpan section(Section section) const {
        const auto at = static_cast<std::size_t>(section);
        const std::size_t end = at + 1 < kSectionCount ? head.offsets[at + 1] : head.used;
        return stored.subspan(head.offsets[at], end - head.offsets[at]);
    }
    void prefetch(Section section) const {
        __builtin_prefetch(stored.data() + head.offsets[static_cast<std::size_t>(section)]);
    }
    // From the first of these octets to the end of the block, for reading bits.
    [[nodiscard]] ByteSpan from(ByteSpan octets) const {
        const auto at = static_cast<std::size_t>(octets.data() - stored.data());
        return stored.subspan(at);
    }
};

Result<Done> parse_block(ByteSpan stored, BlockOctets& block);
inline Result<BlockOctets> parse_block(ByteSpan stored) {
    BlockOctets block;
    if (auto parsed = parse_block(stored, block); !parsed) return tl::unexpected(parsed.error());
    return block;
}

// Low 32 bits of XXH3-64 over the used octets behind the checksum, with the four in front of it as
// seed.
std::uint32_t block_checksum(ByteSpan used);

}  // namespace idnode::registry
