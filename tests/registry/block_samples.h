// Records for tests of blocks: owned, made from fixed seeds, and compared field by field.
#pragma once

#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "registry/block.h"
#include "tests/registry/heap_copy.h"

namespace idnode::registry {

struct SampleRecord {
    std::string identifier;  // In registered case.
    std::uint32_t time = 0;
    PatternRef pattern;
    std::vector<std::string> columns;
    std::string own;

    bool operator==(const SampleRecord&) const = default;
};

std::ostream& operator<<(std::ostream& out, const SampleRecord& record);

// Folded identifier to record.
using SampleMap = std::map<std::string, SampleRecord>;

std::string folded_of(std::string_view identifier);
void add_sample(SampleMap& map, SampleRecord record);

// Own octets as encode_own_values makes them, of one value.
std::string own_octets(std::uint32_t index, std::string_view data);

// Identifiers of one kind with patterns, columns, times and own values drawn at random.
enum class SampleKind { kDense, kProductDateSerial, kSparse, kHex, kAlphanumeric, kFree, kMixed };
inline constexpr SampleKind kSampleKinds[] = {
    SampleKind::kDense, SampleKind::kProductDateSerial, SampleKind::kSparse,
    SampleKind::kHex,   SampleKind::kAlphanumeric,      SampleKind::kFree,
    SampleKind::kMixed};
std::string sample_identifier(SampleKind kind, std::mt19937_64& random);
SampleMap sample_map(SampleKind kind, std::size_t count, std::uint64_t seed);

// Records of which some have columns that begin alike and are made of letters and digits, in four
// patterns; some have a time, a case or own values of their own.
SampleMap text_map(std::size_t count, std::uint64_t seed);

// Views of a map as the packer takes them; the map must outlive it.
class SampleViews {
public:
    explicit SampleViews(const SampleMap& map);
    [[nodiscard]] std::span<const PackRecord> records() const { return records_; }

private:
    std::vector<std::vector<std::string_view>> columns_;
    std::vector<PackRecord> records_;
};

// What a load gave, owned.
SampleRecord to_sample(const Record& record);

// Packs all records of a map, with `used_max` for each block.
std::vector<std::vector<std::uint8_t>> pack_all(std::span<const PackRecord> records,
                                                std::size_t used_max);

BlockView open_block(const HeapCopy& copy);

// Expects that every one of `records`, which the block was packed from, is found, loads as it went
// in, and comes from the cursor in order.
void expect_holds(const BlockView& view, std::span<const PackRecord> records, const SampleMap& map);

// Packs a map, expects of every block what expect_holds does, and gives how many have each form.
std::map<KeyForm, std::size_t> check_map(const SampleMap& map, std::size_t used_max);

}  // namespace idnode::registry
