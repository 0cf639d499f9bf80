// Long work beside a daemon that serves from the same machine.
#pragma once

namespace idnode::registry {

// From now on the calling thread, and what it starts, runs only while nothing else wants the
// processor (sched(7), SCHED_IDLE): a lookup then never waits for it. It is not to be taken back.
// Where all processors are busy for long, a transaction takes as long, and other writers wait for
// it. False: the system refuses, as errno says.
bool work_in_background();

}  // namespace idnode::registry
