// --background of the commands that work long.
#pragma once

#include "admin-cli/command.h"

namespace idnode::cli {

class BackgroundOption {
public:
    Option option() {
        return {.names = "--background",
                .help = "Work only while nothing else wants the processor: lookups do not wait",
                .target = &wanted_};
    }
    // Before anything is begun; what the system refuses is said, and the work goes on.
    void take_effect() const;

private:
    bool wanted_ = false;
};

}  // namespace idnode::cli
