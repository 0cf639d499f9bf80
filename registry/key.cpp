#include "registry/key.h"

namespace idnode::registry {

std::array<std::uint8_t, 4> count_key(std::uint32_t prefix_number) {
    std::array<std::uint8_t, 4> key{};
    Writer(key).u32(prefix_number);
    return key;
}

std::array<std::uint8_t, 6> pattern_key(PatternRef ref) {
    std::array<std::uint8_t, 6> key{};
    Writer out(key);
    out.u32(ref.prefix_number);
    out.u16(ref.id);
    return key;
}

std::array<std::uint8_t, 8> journal_key(std::uint64_t sequence) {
    std::array<std::uint8_t, 8> key{};
    Writer(key).u64(sequence);
    return key;
}

std::optional<std::uint32_t> read_count_key(ByteSpan key) {
    Reader in(key);
    const std::uint32_t number = in.u32();
    return in.at_end() ? std::optional(number) : std::nullopt;
}

std::optional<PatternRef> read_pattern_key(ByteSpan key) {
    Reader in(key);
    PatternRef ref;
    ref.prefix_number = in.u32();
    ref.id = in.u16();
    return in.at_end() ? std::optional(ref) : std::nullopt;
}

std::optional<std::uint64_t> read_journal_key(ByteSpan key) {
    Reader in(key);
    const std::uint64_t sequence = in.u64();
    return in.at_end() ? std::optional(sequence) : std::nullopt;
}

}  // namespace idnode::registry
