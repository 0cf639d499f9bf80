// A block: some hundred neighbouring identifiers in one LMDB value (docs/storage.md).
//
// A block of up to kBlockSize octets takes exactly one overflow page of the file; only a block of a
// single long record may be larger (kBlockSize + n * 4096). It is padded to that size with zeros,
// so that LMDB never puts it inline in a leaf. Head: kind, version, checksum, used size, record
// count, form of the identifiers, common prefix; then the columns (docs/storage.md draws them).
//
// Reading trusts nothing: every offset and length is checked against the block; a failed check is
// kCorrupt. An unknown kind, version or form is kUnsupported. Nothing here allocates while reading.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "registry/block_columns.h"
#include "registry/block_keys.h"
#include "registry/block_layout.h"
#include "registry/record.h"

namespace idnode::registry {

inline constexpr int kFillPercentDefault = 85;

class BlockView {
public:
    // `stored` is the whole LMDB value. Checks the head, in constant time.
    static Result<BlockView> open(ByteSpan stored);
    // The same for a view that is there already; only of use when it succeeds.
    Result<Done> reopen(ByteSpan stored) { return parse_block(stored, octets_); }
    BlockView() = default;

    [[nodiscard]] std::uint32_t record_count() const { return octets_.head.count; }
    [[nodiscard]] KeyForm key_form() const { return octets_.head.key_form; }
    // Octets before the padding.
    [[nodiscard]] std::size_t used_size() const { return octets_.head.used; }

    // --- finding, in steps that ask memory for what the next one reads ---
    void prefetch_keys() const;
    void prefetch_record(std::uint32_t position) const;
    // The slot of the pattern of all records that are no exceptions.
    [[nodiscard]] std::uint8_t dominant() const { return octets_.head.dominant; }
    // A pattern of the block's table; of none: kNoPattern.
    [[nodiscard]] PatternRef pattern(std::uint8_t slot) const;

    // The position of the identifier in this block, if it is there, in two steps; false: it is not.
    // `folded` is upper case.
    Result<bool> begin_find(std::string_view folded, KeyPlace& place) const;
    [[nodiscard]] FoundPosition end_find(std::string_view folded, const KeyPlace& place) const;
    // Both at once.
    [[nodiscard]] FoundPosition find(std::string_view folded) const;

    // Fills record.fields (not record.pattern) for the record at `position`, which find() gave for
    // `folded`. The fields point into the block, into `folded` and into `record`.
    Result<Done> load(std::uint32_t position, std::string_view folded, Record& record) const;
    // The same in two steps; the first one asks memory for what the second reads.
    Result<Done> begin_load(std::uint32_t position, std::string_view folded, ExceptionEntry& entry,
                            Record& record) const;
    Result<Done> end_load(std::uint32_t position, std::string_view folded, ExceptionEntry& entry,
                          Record& record) const;

    // Compares the checksum over the used octets with the one in the head.
    [[nodiscard]] bool checksum_ok() const;

private:
    friend class BlockCursor;
    BlockOctets octets_;
};

// Walks all records of a block in order, for export, changes and verify.
class BlockCursor {
public:
    explicit BlockCursor(const BlockView& block) : block_(block), keys_(block.octets_) {}

    // The next record; `record.fields` stays valid until the next call. false at the end, an error
    // when the block is damaged at this place.
    Result<bool> next(Record& record);
    // The folded identifier of the record given last.
    [[nodiscard]] std::string_view folded() const IDN_LIFETIME_BOUND { return keys_.folded(); }

private:
    BlockView block_;
    KeyWalk keys_;
    std::uint32_t position_ = 0;  // Of the next one.
};

// One record on its way into a block. All views must stay valid until it is packed.
struct PackRecord {
    std::string_view folded;
    RecordFields fields;
};

// Packs block after block, in one thread. Its buffers are kept, and the density of the last block
// is the guess for the next: keep one for as long as there is something to pack.
class BlockPacker {
public:
    BlockPacker();
    ~BlockPacker();
    BlockPacker(const BlockPacker&) = delete;
    BlockPacker& operator=(const BlockPacker&) = delete;

    // Packs as many of `records` (at least one, ascending, distinct) from the first on as fit in
    // `used_max` octets (at most kBlockSize), in the form that takes most of them, into `block`
    // (checksummed and padded); gives how many were taken, at least one: a single long record
    // becomes a larger block of its own. More records than fit may be given: what is not looked at
    // costs nothing. Fails with kOverloaded when columns and own values of a record are above
    // kRecordSizeMax together.
    Result<std::size_t> pack(std::span<const PackRecord> records, std::size_t used_max,
                             std::vector<std::uint8_t>& block);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// BlockPacker::pack for one block.
Result<std::size_t> pack_block(std::span<const PackRecord> records, std::size_t used_max,
                               std::vector<std::uint8_t>& block);

// The shortest key s with last < s <= first, both folded.
std::string_view separator(std::string_view last, std::string_view first);

}  // namespace idnode::registry
