// Finds the number of a pattern by its content, and gives new ones their number, within a write
// transaction. What it has learned of a prefix it keeps for later transactions, in which it looks
// whether others have added some.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/pattern.h"

namespace idnode::registry {

class PatternBook {
public:
    struct Given {
        PatternRef ref;
        bool added = false;
    };

    // To be called once at the start of each transaction.
    void on_begin();

    // kOverloaded: no number left, or the stored form is too long.
    Result<Given> number_of(lmdb::WriteTxn& txn, std::uint32_t prefix_number,
                            const Pattern& pattern);

private:
    static constexpr std::size_t kKnownCountMax = 65'536;

    struct Prefix {
        std::unordered_map<std::string, std::uint16_t> ids;  // By stored form.
        std::uint32_t next_id = 0;
        std::uint64_t seen_in = 0;  // The transaction in which it was last brought up to date.
    };

    Result<Done> catch_up(const lmdb::WriteTxn& txn, std::uint32_t prefix_number, Prefix& prefix);

    std::unordered_map<std::uint32_t, Prefix> prefixes_;
    std::size_t known_ = 0;
    std::uint64_t transaction_ = 0;
};

// The patterns of a prefix, `folded`, that are in the registry: the `count_max` oldest of
// those that can be decoded.
Result<std::vector<Pattern>> stored_patterns(const lmdb::Environment& environment,
                                             std::string_view folded, std::size_t count_max);

}  // namespace idnode::registry
