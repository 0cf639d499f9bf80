#include "tests/resolver/running_node.h"

#include <chrono>

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/resolver/messages.h"

namespace idnode::test {

namespace {

using namespace idnode::resolver;

constexpr auto kPatience = std::chrono::seconds(10);

class EchoService final : public Service {
public:
    EchoService(EchoRecord& record, WorkerStats& stats) : record_(record), stats_(stats) {}

    void answer_batch(std::span<Exchange> exchanges) noexcept override {
        for (Exchange& exchange : exchanges) {
            if (echo(exchange)) stats_.count_answer(exchange.transport, 1, 1);
        }
        record_.add_batch(exchanges.size());
    }
    void reconfigure(const Config&) noexcept override { record_.add_reconfigured(); }

private:
    EchoRecord& record_;
    WorkerStats& stats_;
};

}  // namespace

void EchoRecord::add_batch(std::size_t size) {
    const std::scoped_lock lock(mutex_);
    batches_.push_back(size);
    messages_ += size;
}

std::vector<std::size_t> EchoRecord::batches() const {
    const std::scoped_lock lock(mutex_);
    return batches_;
}

Config loopback_config() {
    Config config = default_config();
    config.listen.udp = {*parse_endpoint("127.0.0.1:0")};
    config.listen.tcp = config.listen.udp;
    config.server.workers = 1;
    return config;
}

ServiceFactory echo_factory(EchoRecord& record) {
    return [&record](const ServiceParts& parts) -> Checked<std::unique_ptr<Service>> {
        return std::make_unique<EchoService>(record, parts.stats);
    };
}

RunningNode::RunningNode(const Config& config) {
    LogConfig log_config;
    log_config.file = directory_.path_of("log");
    log_ = std::move(*Log::open(log_config));
    auto node = Node::start(config, {*log_, echo_factory(record), {}, {}});
    if (!node) {
        ADD_FAILURE() << node.error().to_string();
        std::abort();
    }
    node_ = std::move(*node);
}

RunningNode::~RunningNode() = default;

std::string RunningNode::stop() {
    node_.reset();
    return read_file(directory_.path_of("log"));
}

std::uint64_t RunningNode::incidents(std::string_view name) {
    return number_in_line(stop(), "incident=" + std::string(name) + " ", "count=");
}

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        poll(nullptr, 0, 1);
    }
    return true;
}

}  // namespace idnode::test
