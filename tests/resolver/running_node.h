// A node on loopback with ports that the system chose, answering by the echo service of messages.h.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "resolver/config.h"
#include "resolver/log.h"
#include "resolver/node.h"
#include "tests/resolver/test_files.h"

namespace idnode::test {

// What the echo services of a node saw; any thread.
class EchoRecord {
public:
    void add_batch(std::size_t size);
    void add_reconfigured() { ++reconfigured_; }
    [[nodiscard]] std::vector<std::size_t> batches() const;
    [[nodiscard]] std::size_t messages() const { return messages_; }
    [[nodiscard]] int reconfigured() const { return reconfigured_; }

private:
    mutable std::mutex mutex_;
    std::vector<std::size_t> batches_;
    std::atomic<std::size_t> messages_{0};
    std::atomic<int> reconfigured_{0};
};

// One worker, 127.0.0.1 with port 0 for both transports.
resolver::Config loopback_config();

resolver::ServiceFactory echo_factory(EchoRecord& record);

class RunningNode {
public:
    explicit RunningNode(const resolver::Config& config = loopback_config());
    ~RunningNode();

    [[nodiscard]] resolver::Endpoint udp() const { return node_->udp().front(); }
    [[nodiscard]] resolver::Endpoint tcp() const { return node_->tcp().front(); }
    [[nodiscard]] const resolver::Node& node() const { return *node_; }
    EchoRecord record;

    // Drains the node; gives its log, which ends with all counters.
    std::string stop();
    // Of an incident, from the log of a stopped node with one worker.
    std::uint64_t incidents(std::string_view name);

private:
    TemporaryDirectory directory_;
    std::optional<resolver::Log> log_;
    std::unique_ptr<resolver::Node> node_;
};

// True as soon as `condition` is, false after ten seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace idnode::test
