// A pattern made ready for answering: its values in wire form (protocol/handle/value.h) with holes
// for what differs from record to record, all in one piece of memory.
//
// What it writes for a record without own values is octet for octet what encode_stored_value()
// (record_fields.h) writes for each value of the record in turn. The octets between two holes are
// one run, whatever values they belong to:
//     head holes[hole_count] values[value_count] runs
// in the machine's own form, and behind the last run some that are only read.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "protocol/core/bytes.h"
#include "registry/pattern.h"
#include "registry/record_fields.h"

namespace idnode::registry {

std::vector<std::uint8_t> encode_wire_pattern(const Pattern& pattern);

// A view of what encode_wire_pattern() made, which is trusted.
class WirePattern {
public:
    WirePattern() = default;
    explicit WirePattern(const std::uint8_t* octets) : octets_(octets) {}
    // Whether there is one.
    explicit operator bool() const { return octets_ != nullptr; }

    [[nodiscard]] std::uint32_t value_count() const { return head().value_count; }
    // Whether anyone may read every value.
    [[nodiscard]] bool is_public() const { return head().is_public; }

    // Asks memory for what write() reads.
    void prefetch() const;

    // All values of the record, whose pattern it is and which has no own values; the identifier
    // ends with a suffix of `suffix_size` octets. False, with nothing written, when the record has
    // not the pattern's columns; without room `out` fails.
    bool write(Writer& out, const RecordFields& fields, std::size_t suffix_size) const;

private:
    friend class WireValues;
    friend class WirePatternDraft;

    struct Head {
        std::uint32_t fixed_size = 0;  // Octets of all runs.
        std::uint16_t value_count = 0;
        std::uint16_t hole_count = 0;
        std::uint8_t column_count = 0;
        bool is_public = true;
        std::uint16_t unused = 0;
    };
    struct Hole {
        std::uint32_t run_size;  // Of the run in front of it.
        std::uint32_t source;    // Of the text that fills it.
    };
    // Places are counted in the run at hand: where the value begins and, behind its holes, ends.
    struct Value {
        std::uint32_t begin;
        std::uint32_t head_size;  // Index to size of the data.
        std::uint32_t data_end;
        std::uint32_t hole_count;
    };
    static constexpr std::uint32_t kIdentifier = 0;
    static constexpr std::uint32_t kSuffix = 1;
    static constexpr std::uint32_t kFirstColumn = 2;

    template <class T>
    [[nodiscard]] T at(std::size_t place) const {
        T value;
        std::memcpy(&value, octets_ + place, sizeof value);
        return value;
    }
    [[nodiscard]] Head head() const { return at<Head>(0); }
    [[nodiscard]] Hole hole(std::size_t number) const {
        return at<Hole>(sizeof(Head) + number * sizeof(Hole));
    }
    [[nodiscard]] Value value(const Head& head, std::size_t number) const {
        return at<Value>(sizeof(Head) + head.hole_count * sizeof(Hole) + number * sizeof(Value));
    }
    [[nodiscard]] const std::uint8_t* runs(const Head& head) const {
        return octets_ + sizeof(Head) + head.hole_count * sizeof(Hole) +
               head.value_count * sizeof(Value);
    }
    static std::string_view text_of(std::uint32_t source, const RecordFields& fields,
                                    std::string_view suffix) {
        if (source >= kFirstColumn) return fields.columns[source - kFirstColumn];
        return source == kSuffix ? suffix : fields.identifier;
    }
    template <class Copy>
    void fill(const Head& head, std::uint8_t* to, const RecordFields& fields,
              std::string_view suffix) const;

    const std::uint8_t* octets_ = nullptr;
};

// The values of a wire pattern, one after the other.
class WireValues {
public:
    WireValues() = default;
    explicit WireValues(WirePattern pattern) : pattern_(pattern) {
        if (!pattern) return;
        head_ = pattern.head();
        run_ = pattern.runs(head_);
    }

    [[nodiscard]] bool at_end() const { return next_value_ == head_.value_count; }
    // Of the next value.
    [[nodiscard]] std::uint32_t index() const;
    void skip();
    // The next value of the record. False: it has not the pattern's columns.
    bool take(const RecordFields& fields, StoredValue& value);

private:
    WirePattern pattern_;
    WirePattern::Head head_;
    std::uint32_t next_value_ = 0;
    std::uint32_t next_hole_ = 0;
    const std::uint8_t* run_ = nullptr;  // In front of the next hole.
};

}  // namespace idnode::registry
