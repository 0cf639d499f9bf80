// IDN_CHECK(condition): our own reasoning must hold. On in every build, for a wrong answer is worse
// than a restart. Never for what a peer, a disk or an operator can cause: that is an Error.
#pragma once

namespace idnode {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace idnode

#define IDN_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::idnode::check_failed(#condition, __FILE__, __LINE__))

// Marks a member function whose result points into the object: clang warns about dangling uses.
#if defined(__clang__)
#define IDN_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define IDN_LIFETIME_BOUND
#endif
