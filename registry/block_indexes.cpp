#include "registry/block_indexes.h"

#include <algorithm>
#include <csignal>

#include "registry/block_index_build.h"
#include "registry/registry_parts.h"

namespace idnode::registry {
namespace {

// Looks for wear so often.
constexpr auto kLookInterval = std::chrono::milliseconds(50);
// After each build at least so many times its duration without one.
constexpr int kRestFactor = 9;
// Worn: more than one block in so many is marked.
constexpr std::size_t kMarkedShare = 64;
constexpr auto kRetryInterval = std::chrono::seconds(1);

// Signals of the process are for other threads; those of this thread's own faults come all the
// same.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGBUS, SIGSEGV, SIGFPE, SIGILL}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

std::shared_ptr<BlockIndex> BlockIndexes::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void BlockIndexes::publish(std::shared_ptr<BlockIndex> index) {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(index);
    failure_.reset();
    version_.fetch_add(1, std::memory_order_release);
}

std::optional<Error> BlockIndexes::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

void BlockIndexes::note_failure(const Error& failure) {
    const std::lock_guard lock(mutex_);
    failure_ = failure;
}

bool BlockIndexes::is_usable(BlockIndex& index, const lmdb::ReadTxn& txn, const MetaState& state,
                             const PrefixesAt& prefixes) {
    const std::uint64_t head = state.journal_sequence;
    if (index.given_up() || head < index.base()) return false;
    if (index.followed() >= head) return true;
    const std::unique_lock lock(following_, std::try_to_lock);
    if (!lock) return false;
    // A journal that cannot be read gives no marks; the cursor answers, and says why.
    if (!follow_journal(index, txn, state, prefixes)) return false;
    return !index.given_up() && index.followed() >= head;
}

BlockIndexKeeper::BlockIndexKeeper(Registry& registry)
    : parts_(registry.parts()), thread_([this](const std::stop_token& stop) { run(stop); }) {}

BlockIndexKeeper::~BlockIndexKeeper() = default;

bool BlockIndexKeeper::is_worn() const {
    const std::shared_ptr<BlockIndex> index = parts_.indexes.newest();
    return index->given_up() || index->marked_count() > index->block_count() / kMarkedShare;
}

bool BlockIndexKeeper::build(const std::stop_token& stop, std::chrono::nanoseconds& took) {
    const auto start = std::chrono::steady_clock::now();
    auto built = build_block_index(parts_, stop);
    took = std::chrono::steady_clock::now() - start;
    if (!built) parts_.indexes.note_failure(built.error());
    if (!built || !*built) return false;
    parts_.indexes.publish(std::move(*built));
    return true;
}

void BlockIndexKeeper::wait(const std::stop_token& stop, std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    for (; time.count() > 0 && !stop.stop_requested(); time -= kLookInterval) {
        parts_.prefixes.merge_changed();
        wake_.wait_for(lock, stop, std::min<std::chrono::nanoseconds>(time, kLookInterval),
                       [] { return false; });
    }
}

void BlockIndexKeeper::run(const std::stop_token& stop) {
    block_signals();
    while (!stop.stop_requested()) {
        std::chrono::nanoseconds took{};
        if (!build(stop, took)) {
            wait(stop, kRetryInterval);
            continue;
        }
        wait(stop, took * kRestFactor);
        while (!stop.stop_requested() && !is_worn()) wait(stop, kLookInterval);
    }
}

}  // namespace idnode::registry
