#include "resolver/registry_watch.h"

namespace idnode::resolver {

void RegistryWatch::tick(std::uint64_t now_ms) {
    const unsigned reaped = registry_.reap_readers();
    if (reaped != 0) log_.info("dead readers cleared count={}", reaped);
    check_file(now_ms);
    check_room(now_ms);
}

void RegistryWatch::check_file(std::uint64_t now_ms) {
    const registry::FileState state = registry_.file_state();
    if (state == registry::FileState::kInPlace || !file_line_.due(now_ms)) return;
    const bool vanished = state == registry::FileState::kVanished;
    log_.error("registry {} file={} serving goes on from the open map; {}restart",
               vanished ? "vanished" : "replaced", log_text(registry_.path() + "/data.mdb"),
               vanished ? "restore it, then " : "to serve the new one, ");
}

void RegistryWatch::check_room(std::uint64_t now_ms) {
    const Result<registry::RegistryInfo> info = registry_.info();
    if (info && info->warnings.empty()) return;
    if (!room_line_.due(now_ms)) return;
    if (!info) {
        log_.error("registry problem={}", log_text(registry_.problem(info.error()).to_string()));
        return;
    }
    for (const std::string& warning : info->warnings) {
        log_.warning("registry warning={}", log_text(warning));
    }
}

}  // namespace idnode::resolver
