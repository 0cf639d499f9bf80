// Values of all kinds by a seed, for tests that must hold for every value: ordinary ones, typed
// ones, and such as only a broken peer would store.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "protocol/handle/record.h"

namespace idnode::test {

class RandomValues {
public:
    explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

    handle::Value value();
    // Up to `count_max` values under a handle that may be registered.
    handle::Record record(std::size_t count_max);

    // From 0 to `end` - 1.
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }
    std::string octets(std::size_t size_max);
    // UTF-8 of all lengths, with control characters, quotes and backslashes in it.
    std::string text(std::size_t size_max);

private:
    std::string type();
    std::string data_of(const std::string& type);
    std::string references();
    std::string site();
    std::string admin();
    std::string key();
    // A number that is often at an end of its range.
    std::uint32_t u32();

    std::mt19937_64 engine_;
};

}  // namespace idnode::test
