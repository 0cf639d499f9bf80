#include "registry/page_fault_guard.h"

#include <csetjmp>
#include <csignal>
#include <mutex>

namespace idnode::registry {

namespace {

// Where a fault goes on: one in each frame of run_guarded, innermost first.
struct Landing {
    sigjmp_buf state;
    Landing* outer = nullptr;
    bool distrusts = false;
};

// What a jump brings.
constexpr int kFromUnreadable = 1;
constexpr int kFromDamaged = 2;

thread_local Landing* innermost = nullptr;
struct sigaction bus_action_before;
struct sigaction segv_action_before;

// Only what is safe in a signal handler: the fault is synchronous, so the thread's own variables
// are as the faulting code left them.
void on_page_fault(int signal, siginfo_t* info, void* /*context*/) {
    Landing* landing = innermost;
    if (landing != nullptr && info->si_code > 0) {
        if (signal == SIGBUS) siglongjmp(landing->state, kFromUnreadable);
        if (landing->distrusts) siglongjmp(landing->state, kFromDamaged);
    }
    // Not ours: with the old action back, the instruction faults again and meets it.
    sigaction(signal, signal == SIGBUS ? &bus_action_before : &segv_action_before, nullptr);
    if (info->si_code <= 0) raise(signal);  // Sent by a process; it would not come again.
}

BodyEnd run(void (*body)(void*), void* context, bool distrusts) {
    Landing landing;
    landing.outer = innermost;
    landing.distrusts = distrusts;
    const int from = sigsetjmp(landing.state, 0);
    if (from != 0) {
        innermost = landing.outer;
        return from == kFromDamaged ? BodyEnd::kDamaged : BodyEnd::kUnreadable;
    }
    innermost = &landing;
    body(context);
    innermost = landing.outer;
    return BodyEnd::kWhole;
}

}  // namespace

void install_page_fault_handler() {
    static std::once_flag installed;
    std::call_once(installed, [] {
        struct sigaction action = {};
        action.sa_sigaction = on_page_fault;
        // The handler is left by a jump, which does not restore the mask: never block the signal.
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        sigemptyset(&action.sa_mask);
        sigaction(SIGBUS, &action, &bus_action_before);
        sigaction(SIGSEGV, &action, &segv_action_before);
    });
}

bool run_guarded(void (*body)(void*), void* context) {
    return run(body, context, false) == BodyEnd::kWhole;
}

BodyEnd run_distrusting(void (*body)(void*), void* context) { return run(body, context, true); }

void leave_damaged_page() {
    Landing* landing = innermost;
    if (landing != nullptr && landing->distrusts) siglongjmp(landing->state, kFromDamaged);
}

}  // namespace idnode::registry
