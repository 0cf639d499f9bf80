// Descriptors 0, 1 and 2 of a program, before it opens anything else.
//
// A program may be started with them closed. The next file that it opens then gets one of these
// numbers, and a message to "standard output" would be written over that file: the registry's data.
#pragma once

namespace idnode::registry {

// Opens /dev/null on each of them that is closed; false when that cannot be done. To be called
// first in main(), with one thread.
bool open_standard_descriptors();

}  // namespace idnode::registry
