// The other servers that the node is compared with, Knot DNS and Redis: started on loopback with
// one worker, a temporary directory of their own and the generated set, ended with their owner.
#pragma once

#include <string>

#include "bench/node_under_test.h"

namespace idnode::bench {

struct PeerPaths {
    std::string knotd = "/usr/sbin/knotd";
    std::string redis_server = "/usr/bin/redis-server";
    std::string work;  // An existing directory for configuration, log and data.
};

// Serves the set as the zone of dns_questions.h over UDP; takes some seconds per million.
Checked<RunningNode> start_knot(const PeerPaths& paths, const Mix& mix, int core);

// Holds the set as the keys of redis_questions.h, in memory alone.
Checked<RunningNode> start_redis(const PeerPaths& paths, const Mix& mix, int core);

}  // namespace idnode::bench
