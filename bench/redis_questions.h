// The generated set as keys of a Redis server, and the GET requests for them: key = identifier,
// value = the octets which are the values in the node's answer.
//
// Answers carry no id: those of one connection come in the order of its requests. Every answer is
// checked to be a value with its length and end, the octets of the samples.
#pragma once

#include "bench/asking.h"
#include "bench/rows.h"

namespace idnode::bench {

class RedisQuestions : public Asking {
public:
    // Slots lane * depth .. lane * depth + depth - 1 are those of connection `lane`; each is asked
    // anew as soon as its answer has been taken, and before that all of them in ascending order.
    RedisQuestions(const Mix& mix, std::uint32_t lanes, std::uint32_t depth, std::uint64_t seed);

    [[nodiscard]] std::size_t first_size(ByteSpan stream) const override;

private:
    void write_request(Writer& out, std::uint32_t request_id, const Item& item) override;
    std::optional<std::uint32_t> id_in(ByteSpan answer, std::uint32_t lane) override;
    const char* fault_in(const Slot& slot, ByteSpan answer) override;

    std::uint32_t depth_;
    std::vector<std::uint32_t> next_;  // Of each connection: the answer due, below depth_.
};

// The answer to GET for `item`.
std::size_t write_redis_answer(const Item& item, MixKind kind, MutableByteSpan out);

// SET commands for items `from` .. `end` - 1 of the set.
std::string redis_commands(const Mix& mix, std::uint64_t from, std::uint64_t end);

}  // namespace idnode::bench
