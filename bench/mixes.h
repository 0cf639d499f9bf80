// The generated sets of identifiers: mixes 0 to 3 and the sample registry (bench/README.md defines
// them).
//
// A set is a function of kind, count and seed: index 0 .. count-1 -> identifier and record, in
// ascending bytewise order of the folded identifiers. A Mix is made once (tables of about 12 B per
// 512 identifiers) and then only read, by any number of threads; each thread has a MixReader of its
// own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/calls.h"
#include "bench/draws.h"
#include "bench/enterprises.h"
#include "bench/fixed_text.h"
#include "bench/hash64.h"
#include "bench/slots.h"
#include "protocol/core/problem.h"

namespace idnode::bench {

// One identifier and what its record is made of; texts that it does not have are empty.
struct Item {
    const Enterprise* enterprise = nullptr;
    FixedText<80> identifier;
    std::uint32_t timestamp = 0;  // Seconds since 1970.
    FixedText<60> own_url;        // In place of the URL by pattern.
    FixedText<32> note;
    FixedText<16> model;
    FixedText<16> batch;

    [[nodiscard]] std::string_view prefix() const { return enterprise->prefix.view(); }
    [[nodiscard]] std::string_view suffix() const {
        return identifier.view().substr(prefix().size() + 1);
    }
};

class Mix {
public:
    // Fails for a count out of bounds.
    static Checked<Mix> make(const MixOptions& options);

    [[nodiscard]] const MixOptions& options() const { return options_; }
    [[nodiscard]] std::uint64_t count() const { return options_.count; }
    [[nodiscard]] std::span<const Enterprise> enterprises() const { return enterprises_; }
    // Position in enterprises() of the one that identifier `index` belongs to.
    [[nodiscard]] std::size_t enterprise_of(std::uint64_t index) const;

private:
    friend class MixReader;
    explicit Mix(const MixOptions& options);
    void make_directory();

    MixOptions options_;
    std::vector<Enterprise> enterprises_;
    int directory_shift_ = 0;
    std::vector<std::uint32_t> directory_;  // index >> shift -> enterprise of the first such index.
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint32_t> calls_;
    std::vector<std::uint64_t> slots_of_;  // Per enterprise: its first entry in slots_, calls_.
    std::vector<std::uint64_t> calls_of_;
};

// Reads items in any order; the next one in order is the cheapest. Not for several threads at once.
// The Mix outlives it.
class MixReader {
public:
    explicit MixReader(const Mix& mix) : mix_(mix) {}

    // Sets enterprise and identifier only. `index` must be below the count.
    void read_identifier(std::uint64_t index, Item& item);
    // Sets everything.
    void read(std::uint64_t index, Item& item);

private:
    void enter(std::size_t enterprise);
    void append_suffix(std::uint64_t local, FixedText<80>& out);
    void set_own_values(std::uint64_t local, Item& item) const;

    const Mix& mix_;
    const Enterprise* enterprise_ = nullptr;
    SlotReader slots_;
    DrawReader draws_;
    CallReader calls_;
    Permutation order_;  // Of registration, for forms that are registered in random order.
};

}  // namespace idnode::bench
