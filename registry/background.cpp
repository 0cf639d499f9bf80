#include "registry/background.h"

#include <sched.h>

namespace idnode::registry {

bool work_in_background() {
    const sched_param none{};
    return ::sched_setscheduler(0, SCHED_IDLE, &none) == 0;
}

}  // namespace idnode::registry
