// A pattern made ready for answering: its values in wire form (protocol/handle/value.h) with holes
// for what differs from record to record, all in one piece of memory.
//
// What it writes for a record without own values is octet for octet what encode_stored_value()
// (record.h) writes for each value of the record in turn. Immutable.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/core/bytes.h"
#include "registry/pattern.h"
#include "registry/record.h"

namespace idnode::registry {

class WirePattern {
public:
    explicit WirePattern(const Pattern& pattern);

    [[nodiscard]] std::uint32_t value_count() const { return value_count_; }
    // Whether anyone may read every value.
    [[nodiscard]] bool is_public() const { return is_public_; }
    // Asks memory for what write() reads.
    void prefetch() const;

    // All values of the record, whose pattern it is and which has no own values; the identifier
    // ends with a suffix of `suffix_size` octets. False, with nothing written, when the record has
    // not the pattern's columns; without room `out` fails.
    bool write(Writer& out, const RecordFields& fields, std::size_t suffix_size) const;

private:
    // In octets_: the sources of all holes, an octet each; then the values, each a Value, its
    // holes, the head, the octets in front of each hole, and the tail, which ends with the
    // references; then a word that is read with the last octets.
    struct Value {
        std::uint32_t head_size;  // Index to size of the data.
        std::uint32_t tail_size;
        std::uint32_t references_size;
        std::uint32_t hole_count;
    };
    struct Hole {
        std::uint32_t literal_size;  // In front of it.
        std::uint32_t source;        // Of the text that fills it.
    };
    static constexpr std::uint8_t kIdentifier = 0;
    static constexpr std::uint8_t kSuffix = 1;
    static constexpr std::uint8_t kFirstColumn = 2;
    static_assert(kFirstColumn + kPatternColumnCountMax <= 256);

    void append_value(const PatternValue& value);
    static std::uint8_t source_of(const Piece& piece);
    template <class Copy>
    void fill(std::uint8_t* to, const RecordFields& fields, std::string_view suffix) const;
    static std::string_view text_of(std::uint32_t source, const RecordFields& fields,
                                    std::string_view suffix) {
        if (source >= kFirstColumn) return fields.columns[source - kFirstColumn];
        return source == kSuffix ? suffix : fields.identifier;
    }

    std::vector<std::uint8_t> octets_;
    std::size_t fixed_size_ = 0;  // Octets written beside the texts.
    std::uint32_t hole_count_ = 0;
    std::uint32_t value_count_ = 0;
    std::uint8_t column_count_ = 0;
    bool is_public_ = true;
};

// What a cache of patterns keeps. The wire form comes first: a lookup asks memory for the line in
// which the object begins.
struct WireForm {
    WirePattern wire;
};
struct ReadyPattern : WireForm, Pattern {
    explicit ReadyPattern(Pattern&& decoded)
        : WireForm{WirePattern(decoded)}, Pattern(std::move(decoded)) {}
};

}  // namespace idnode::registry
