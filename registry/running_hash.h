// XXH3-64 over octets that come piece by piece: tells whether an input is still the one it was. It
// finds what changed by mistake; it does not protect against anyone's intent.
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <string_view>

#include "protocol/core/c_ptr.h"
#include "protocol/core/check.h"

namespace idnode::registry {

class RunningHash {
public:
    RunningHash() : state_(XXH3_createState()) {
        IDN_CHECK(state_ != nullptr);
        XXH3_64bits_reset(state_.get());
    }

    void add(std::string_view octets) {
        XXH3_64bits_update(state_.get(), octets.data(), octets.size());
    }
    // Of everything added so far.
    [[nodiscard]] std::uint64_t value() const { return XXH3_64bits_digest(state_.get()); }
    // What value() would be with `octets` added.
    [[nodiscard]] std::uint64_t value_with(std::string_view octets) const {
        RunningHash longer;
        XXH3_copyState(longer.state_.get(), state_.get());
        longer.add(octets);
        return longer.value();
    }

private:
    CPtr<XXH3_state_t, &XXH3_freeState> state_;
};

}  // namespace idnode::registry
