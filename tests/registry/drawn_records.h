// Records drawn at random for the test of changes: names in the shapes that each form of block is
// made for, values by pattern, by pattern with more, or stored whole.
//
// What a record is follows from its space, its slot and its version alone, so that putting the same
// one again changes nothing, and names ascend with their slots.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/block.h"

namespace idnode::registry {

// Small and quick to seed: each record has its own.
class Draw {
public:
    explicit Draw(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::uint64_t below(std::uint64_t end) { return next() % end; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    std::string text(std::size_t size, std::string_view alphabet);

private:
    std::uint64_t state_;
};

enum class NameKind : std::uint8_t { kSerial, kDated, kSparse, kHex, kAlphanumeric, kFree };

// One prefix and its names.
struct NameSpace {
    std::string prefix;
    NameKind kind = NameKind::kSerial;
    std::uint64_t slots = 1'000;
    bool bare = false;  // Nearly all records by one pattern without columns, at one time.
};

// `slot` below the space's count; `version`: of the case.
std::string drawn_name(const NameSpace& space, std::uint64_t slot, std::uint32_t version);

// The patterns that a prefix has; the first is the usual one.
inline constexpr std::size_t kDrawnPatternCount = 4;
const std::array<Pattern, kDrawnPatternCount>& drawn_patterns();

struct DrawnValue {
    std::uint32_t index = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ttl = 86'400;
    std::uint8_t permissions = 14;
    std::string type;
    std::string data;
};

struct DrawnRecord {
    std::string identifier;  // In registered case.
    std::string folded;
    std::uint32_t time = 0;
    std::optional<std::size_t> pattern;  // Which; nothing: stored whole.
    std::vector<std::string> columns;
    std::vector<DrawnValue> own;  // Ascending indexes.
};

DrawnRecord drawn_record(const NameSpace& space, std::uint64_t slot, std::uint32_t version);

// All values, worked out without the registry, in their wire form one behind the other.
std::string drawn_wire(const DrawnRecord& record);

// Equal but for the timestamps of values that bear the new record's own time.
bool equal_but_for_time(std::string_view old_wire, std::string_view new_wire,
                        std::uint32_t new_time);

// Owns what a PackRecord points into; `pattern` is the number of the record's pattern.
class PackedDraw {
public:
    PackedDraw(const DrawnRecord& record, PatternRef pattern);
    [[nodiscard]] PackRecord pack() const;

private:
    const DrawnRecord& record_;
    PatternRef pattern_;
    std::vector<std::string_view> columns_;
    std::string own_;
};

}  // namespace idnode::registry
