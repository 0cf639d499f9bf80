// Long walks: every record of a key range, every prefix, in order (list, export, verify).
//
// A walk holds no snapshot between two blocks: each block is copied under a snapshot of its own,
// and the walk goes on by key. So the file does not grow under it and its caller may wait as long
// as it likes; what changes behind it is not seen, what changes before it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/core/result.h"
#include "registry/prefix.h"
#include "registry/record.h"

namespace idnode::registry {

class Registry;

// Folded identifiers from `from` on, below `to`; an empty `to`: to the end.
struct KeyRange {
    std::string from;
    std::string to;
};

// All identifiers of one prefix; `prefix` in any case.
KeyRange range_of_prefix(std::string_view prefix);

class RecordWalk {
public:
    RecordWalk(Registry& registry, const KeyRange& range);
    ~RecordWalk();
    RecordWalk(const RecordWalk&) = delete;
    RecordWalk& operator=(const RecordWalk&) = delete;

    // The next record; false at the end. After an error the next call goes on behind the block
    // that is damaged or cannot be read (place() says where), unless the walk has ended() with it.
    Result<bool> next();
    // Nothing more can be given.
    [[nodiscard]] bool ended() const;

    // Of the record given last; views are valid until the next call.
    [[nodiscard]] const Record& record() const;
    [[nodiscard]] std::string_view folded() const;

    // The key range of the block looked at last.
    [[nodiscard]] KeyRange place() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

struct PrefixCounts {
    std::uint64_t live = 0;        // Identifiers there now.
    std::uint64_t cumulative = 0;  // Ever added.
    std::uint64_t size = 0;        // Octets of identifiers, columns and own values there now.
};

class PrefixWalk {
public:
    // Prefixes from `from` (folded) on; removed ones are given too.
    explicit PrefixWalk(Registry& registry, std::string from = {});

    // As RecordWalk::next. When the table itself is damaged or cannot be read, nobody knows what
    // came behind, and the walk ends there.
    Result<bool> next();
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const Prefix& prefix() const { return prefix_; }
    [[nodiscard]] const PrefixCounts& counts() const { return counts_; }
    // Folded; of the last one also when it is damaged.
    [[nodiscard]] std::string_view key() const {
        return std::string_view(next_key_).substr(0, next_key_.empty() ? 0 : next_key_.size() - 1);
    }

private:
    Registry& registry_;
    std::string next_key_;
    bool ended_ = false;
    Prefix prefix_;
    PrefixCounts counts_;
};

// One prefix with its counts; `name` in any case. Nothing: never added.
Result<std::optional<std::pair<Prefix, PrefixCounts>>> find_prefix(Registry& registry,
                                                                   std::string_view name);

}  // namespace idnode::registry
