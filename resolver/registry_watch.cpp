#include "resolver/registry_watch.h"

#include <sys/stat.h>

namespace idnode::resolver {

void RegistryWatch::tick(std::uint64_t now_ms) {
    const unsigned reaped = registry_.reap_readers();
    if (reaped != 0) log_.info("dead readers cleared count={}", reaped);
    check_directory(now_ms);
    check_room(now_ms);
}

void RegistryWatch::check_directory(std::uint64_t now_ms) {
    struct stat found {};
    const std::string file = registry_.path() + "/data.mdb";
    if (stat(file.c_str(), &found) == 0 || !vanished_line_.due(now_ms)) return;
    log_.error(
        "registry vanished file={} serving goes on from the open map; restore it, then restart",
        log_text(file));
}

void RegistryWatch::check_room(std::uint64_t now_ms) {
    const Result<registry::RegistryInfo> info = registry_.info();
    if (!info || info->warnings.empty() || !room_line_.due(now_ms)) return;
    for (const std::string& warning : info->warnings) {
        log_.warning("registry warning={}", log_text(warning));
    }
}

}  // namespace idnode::resolver
