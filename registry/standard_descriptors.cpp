#include "registry/standard_descriptors.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace idnode::registry {

bool open_standard_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
        // The lowest free number is given: those below are open by now.
        // cppcheck-suppress leakReturnValNotUsed ; it is to stay open
        if (open("/dev/null", O_RDWR) != descriptor) return false;
    }
    return true;
}

}  // namespace idnode::registry
