// Looking up: one consistent view of the registry for a batch of identifiers.
//
// A RegistryReader belongs to one thread (a worker, a command); its Snapshot is opened for one
// batch and never held across a wait, for an idle snapshot makes the file grow. All views that a
// snapshot gives are valid until it ends. Nothing is allocated for what is found, once patterns are
// cached.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/core/identifier.h"
#include "protocol/core/result.h"
#include "registry/prefix.h"
#include "registry/record.h"

namespace idnode::registry {

class Registry;

enum class Outcome : std::uint8_t {
    kFound,
    kAbsent,     // The prefix is there, the identifier is not.
    kNoPrefix,   // The prefix is unknown, removed or not homed here.
    kSuspended,  // The prefix is suspended or being deleted: Lookup::prefix says which, why, since.
    kDamaged,    // The block contradicts itself or its checksum: Lookup::error.
    kUnavailable,  // The registry cannot be read: Lookup::error.
};

// One identifier to look up and what became of it. Reused from batch to batch.
struct Lookup {
    const FoldedIdentifier* identifier = nullptr;  // In.
    Outcome outcome = Outcome::kAbsent;            // Out, as the rest.
    PrefixView prefix;                             // Set unless kNoPrefix or kUnavailable.
    Record record;                                 // Set when kFound.
    Error error;                                   // kDamaged, kUnavailable: what and where.
};

class Snapshot;

// How many blocks a reader has found by either way since it was made.
struct BlocksFound {
    std::uint64_t by_index = 0;
    std::uint64_t by_cursor = 0;
};

class RegistryReader {
public:
    // The registry must outlive the reader.
    explicit RegistryReader(Registry& registry);
    ~RegistryReader();
    RegistryReader(const RegistryReader&) = delete;
    RegistryReader& operator=(const RegistryReader&) = delete;

    // Renews the view: sees every change committed before. One snapshot of a reader at a time.
    Result<Snapshot> snapshot();

    [[nodiscard]] BlocksFound blocks_found() const;

private:
    friend class Snapshot;
    struct State;
    std::unique_ptr<State> state_;
};

class Snapshot {
public:
    ~Snapshot();
    Snapshot(Snapshot&& other) noexcept;
    Snapshot& operator=(Snapshot&&) = delete;

    // Judges the prefix of each identifier, then looks up those that may be answered. A prefix
    // handle ("0.NA/...") is an ordinary identifier, judged by the state of "0.NA" alone.
    void find_batch(std::span<Lookup> lookups);

    // The state of one prefix (folded); kNoPrefix as nothing.
    std::optional<PrefixView> prefix(std::string_view folded);

private:
    friend class RegistryReader;
    explicit Snapshot(RegistryReader::State& state) : state_(&state) {}
    RegistryReader::State* state_;
};

}  // namespace idnode::registry
