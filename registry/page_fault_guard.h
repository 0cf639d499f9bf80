// Reads of the map that the disk cannot serve arrive as SIGBUS. run_guarded(body) runs the body and
// gives false when one of them did: the thread is then back here, as if the body had ended in the
// middle.
//
// The body must therefore leave nothing behind that only its end would tidy up: no locks, no
// objects with destructors, no allocation of its own. Reads of the map, copies out of it and single
// LMDB calls are such bodies. Guards nest; a SIGBUS outside of any guard ends the process as it
// would otherwise.
//
// Threads: each has its own guards. Cost: a few nanoseconds.
#pragma once

#include <cerrno>

#include "protocol/core/result.h"

namespace idnode::registry {

// What a body that did not come through is told as.
inline constexpr Error kPageReadError{ErrorKind::kUnavailable, "read error of the disk", EIO};

// Takes over SIGBUS for the process; the first call counts. Registry::open calls it.
void install_page_fault_handler();

bool run_guarded(void (*body)(void*), void* context);

template <class Body>
bool run_guarded(Body& body) {
    return run_guarded([](void* context) { (*static_cast<Body*>(context))(); }, &body);
}

}  // namespace idnode::registry
