// Blocks in the order of their keys, each copied under a snapshot of its own.
//
// A block that was written meanwhile may come with identifiers below from(): they were given
// before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/core/result.h"
#include "registry/lmdb.h"
#include "registry/pattern_cache.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

class BlockWalk {
public:
    // Begins with the block that would hold `from`.
    BlockWalk(RegistryParts& parts, std::string from) : parts_(parts), from_(std::move(from)) {}

    // The next block; false at the end. After an error the walk goes on behind the block, unless
    // the error came before its key was known: then has_place() is false, and it ends.
    Result<bool> next();

    [[nodiscard]] ByteSpan octets() const { return octets_; }
    [[nodiscard]] const std::string& key() const { return key_; }
    // Lower bound of the block behind; empty: there is none.
    [[nodiscard]] const std::string& next_key() const { return next_key_; }
    // Identifiers below were given with blocks before.
    [[nodiscard]] const std::string& from() const { return from_; }
    [[nodiscard]] bool has_place() const { return has_place_; }

    // A pattern, decoded and kept.
    Result<const Pattern*> pattern(PatternRef ref);

private:
    Result<Done> begin();
    Result<bool> read();

    RegistryParts& parts_;
    std::optional<lmdb::ReadTxn> txn_;  // Reset but for the time of a call.
    std::string from_;
    std::string key_;
    std::string next_key_;
    std::vector<std::uint8_t> octets_;
    std::optional<Error> behind_;  // Why the place of the block behind could not be found.
    PatternCache patterns_;
    bool has_place_ = false;
    bool started_ = false;
    bool ended_ = false;
};

}  // namespace idnode::registry
