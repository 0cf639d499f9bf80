// Reads of the map that the disk cannot serve arrive as SIGBUS. run_guarded(body) runs the body and
// gives false when one of them did: the thread is then back here, as if the body had ended in the
// middle. run_distrusting(body) is for bodies that follow LMDB's own pages, which have no checksum:
// damage there leads to any address, or to an assertion of LMDB that fails.
//
// The body must leave nothing behind that only its end would tidy up: no locks, no objects with
// destructors, no allocation of its own. Reads of the map, copies out of it and single LMDB calls
// are such bodies. Guards nest; a fault outside of any guard ends the process as it would
// otherwise.
//
// Threads: each has its own guards. Cost: a few nanoseconds.
#pragma once

#include <cerrno>
#include <cstdint>

#include "protocol/core/result.h"

namespace idnode::registry {

// What a body that did not come through is told as.
inline constexpr Error kPageReadError{ErrorKind::kUnavailable, "read error of the disk", EIO};
inline constexpr Error kPageDamagedError{ErrorKind::kCorrupt, "page of the database"};

enum class BodyEnd : std::uint8_t {
    kWhole,
    kUnreadable,  // SIGBUS.
    kDamaged,     // SIGSEGV, or leave_damaged_page().
};

// Takes over SIGBUS and SIGSEGV for the process; the first call counts. Registry::open calls it.
void install_page_fault_handler();

bool run_guarded(void (*body)(void*), void* context);

BodyEnd run_distrusting(void (*body)(void*), void* context);
// Ends the innermost body of run_distrusting on this thread as damaged; returns when there is none.
void leave_damaged_page();

template <class Body>
bool run_guarded(Body& body) {
    return run_guarded([](void* context) { (*static_cast<Body*>(context))(); }, &body);
}
template <class Body>
BodyEnd run_distrusting(Body& body) {
    return run_distrusting([](void* context) { (*static_cast<Body*>(context))(); }, &body);
}

}  // namespace idnode::registry
