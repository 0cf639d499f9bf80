// The one index of blocks of a process: published to all readers, followed by whichever of them
// first sees a newer state, and built anew by a thread beside serving (BlockIndexKeeper).
//
// Without a keeper there is none, and LMDB's cursor answers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "protocol/core/result.h"
#include "registry/block_index.h"
#include "registry/lmdb.h"
#include "registry/meta.h"

namespace idnode::registry {

class Registry;
struct RegistryParts;
struct PrefixesAt;

class BlockIndexes {
public:
    // Moves on with each publish(): readers keep the pointer until it does.
    [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
    // Null: none yet.
    [[nodiscard]] std::shared_ptr<BlockIndex> newest() const;
    void publish(std::shared_ptr<BlockIndex> index);
    // Why there could be no new one; nothing once there is.
    [[nodiscard]] std::optional<Error> failure() const;
    void note_failure(const Error& failure);

    // Whether the index may answer in this snapshot, which was opened after the pointer was taken.
    // Follows the journal first when it must and no other reader does so at this moment.
    bool is_usable(BlockIndex& index, const lmdb::ReadTxn& txn, const MetaState& state,
                   const PrefixesAt& prefixes);

private:
    mutable std::mutex mutex_;  // Of the two behind it.
    std::shared_ptr<BlockIndex> newest_;
    std::optional<Error> failure_;
    std::atomic<std::uint64_t> version_ = 0;
    std::mutex following_;
};

// Builds the index of a registry and keeps it fresh for as long as it lives, in a thread of its own
// that works at most a tenth of the time, but for the first build; and merges the prefixes changed.
class BlockIndexKeeper {
public:
    // The registry must outlive the keeper.
    explicit BlockIndexKeeper(Registry& registry);
    ~BlockIndexKeeper();
    BlockIndexKeeper(const BlockIndexKeeper&) = delete;
    BlockIndexKeeper& operator=(const BlockIndexKeeper&) = delete;

private:
    void run(const std::stop_token& stop);
    // Merges the prefixes changed from time to time.
    void wait(const std::stop_token& stop, std::chrono::nanoseconds time);
    // False: there is no new index. `took`: how long it worked.
    bool build(const std::stop_token& stop, std::chrono::nanoseconds& took);
    [[nodiscard]] bool is_worn() const;

    RegistryParts& parts_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // Last: ends first.
};

}  // namespace idnode::registry
