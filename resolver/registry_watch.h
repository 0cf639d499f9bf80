// Looks after the open registry beside serving: frees the places of readers that died, and tells
// the log of a data file that vanished or is another one now, of a map or disk that fills up, of a
// reader that stays too long.
//
// Each warning is said once a minute at most, for as long as it holds. Lookups go on from the open
// map whatever it finds. One thread.
#pragma once

#include <cstdint>

#include "registry/registry.h"
#include "resolver/log.h"

namespace idnode::resolver {

class RegistryWatch {
public:
    static constexpr std::uint64_t kIntervalMs = 5'000;  // How often tick() is to be called.

    // Both outlive the watch.
    RegistryWatch(registry::Registry& registry, Log& log) : registry_(registry), log_(log) {}

    void tick(std::uint64_t now_ms);

private:
    void check_file(std::uint64_t now_ms);
    void check_room(std::uint64_t now_ms);

    registry::Registry& registry_;
    Log& log_;
    Seldom file_line_;
    Seldom room_line_;
};

}  // namespace idnode::resolver
