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
};

thread_local Landing* innermost = nullptr;
struct sigaction action_before;

// Only what is safe in a signal handler: the fault is synchronous, so the thread's own variables
// are as the faulting code left them.
void on_page_fault(int signal, siginfo_t* info, void* /*context*/) {
    Landing* landing = innermost;
    if (landing != nullptr && info->si_code > 0) siglongjmp(landing->state, 1);
    // Not ours: with the old action back, the instruction faults again and meets it.
    sigaction(signal, &action_before, nullptr);
    if (info->si_code <= 0) raise(signal);  // Sent by a process; it would not come again.
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
        sigaction(SIGBUS, &action, &action_before);
    });
}

bool run_guarded(void (*body)(void*), void* context) {
    Landing landing;
    landing.outer = innermost;
    if (sigsetjmp(landing.state, 0) != 0) {
        innermost = landing.outer;
        return false;
    }
    innermost = &landing;
    body(context);
    innermost = landing.outer;
    return true;
}

}  // namespace idnode::registry
