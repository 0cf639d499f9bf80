#include "admin-cli/background_option.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "admin-cli/console.h"
#include "registry/background.h"

namespace idnode::cli {

void BackgroundOption::take_effect() const {
    if (!wanted_ || registry::work_in_background()) return;
    say(fmt::format("--background has no effect, the system refuses it: {}", std::strerror(errno)));
}

}  // namespace idnode::cli
