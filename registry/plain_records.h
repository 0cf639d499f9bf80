// The way of an import's records into the bulk load: plain ones, of JSON lines, get a pattern.
//
// The first records of a prefix are held back, until there are kSampleCountMax (or their octets or
// values are above a bound) or the prefix ends; then the prefix's patterns are fixed: those it has,
// and those learned (learned_patterns.h). From then on a record takes the pattern that says all of
// it and leaves least to columns, else one that says some of its values, else it is stored whole;
// in each case it comes out octet for octet as it went in. Order is kept. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/result.h"
#include "protocol/handle/value.h"
#include "registry/arena.h"
#include "registry/bulk_load.h"
#include "registry/learned_patterns.h"
#include "registry/pattern_fit.h"

namespace idnode::registry {

class Registry;

inline constexpr std::size_t kSampleCountMax = 10'000;           // Records held back,
inline constexpr std::size_t kSampleSizeMax = 8 * 1'048'576;     // their octets, identifiers too,
inline constexpr std::size_t kSampleValueCountMax = 256 * 1024;  // and their values.
// Of the patterns that a prefix has, those that are looked at: the oldest.
inline constexpr std::size_t kKnownPatternCountMax = 256;

class PlainRecords {
public:
    // Both must outlive the object.
    PlainRecords(Registry& registry, BulkLoad& bulk) : registry_(registry), bulk_(bulk) {}

    // As BulkLoad::add. `values`: all of a plain record, `record.record.fields.own` is not looked
    // at then; none: the record is complete as it is.
    Result<Done> add(const BulkRecord& record, std::span<const handle::ValueView> values);
    // Passes on what is held back; adding may go on.
    Result<Done> finish();

private:
    struct Held {
        BulkRecord record;
        bool plain = false;  // Its own values are all it has.
    };
    // A pattern in use, and its number in the load once a record had it.
    struct Form {
        explicit Form(Pattern given) : pattern(std::move(given)), fit(pattern) {}
        Pattern pattern;
        PatternFit fit;
        BulkPattern number = kNoBulkPattern;
    };

    Result<Done> enter_prefix(std::string_view folded);
    void hold(const BulkRecord& record, std::span<const handle::ValueView> values);
    [[nodiscard]] bool sample_full() const;
    Result<Done> settle(SampleEnd end);
    Result<Done> learn(SampleEnd end);
    void use(std::vector<Pattern> patterns);
    Result<Done> place(BulkRecord record, std::span<const handle::ValueView> values);
    Form* form_of_all(const PlainRecord& record);
    Form* form_of_some(const PlainRecord& record);

    Registry& registry_;
    BulkLoad& bulk_;
    std::string start_;     // Prefix and slash of the records at hand, folded.
    bool settled_ = false;  // The patterns of the prefix are fixed.
    std::deque<Form> forms_;
    std::vector<std::vector<Form*>> by_value_count_;  // The one that says most first.

    Arena arena_;  // What is held back points into it.
    std::vector<Held> held_;
    std::size_t held_values_ = 0;
    std::vector<handle::ValueView> values_;
    std::string own_;
};

}  // namespace idnode::registry
