// A registry in a directory of the test's own, and short ways to change and read it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/bulk_load.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "registry/writer.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {

// One value of a record, readable in a failure message.
struct PlainValue {
    std::uint32_t index = 1;
    std::string type = "URL";
    std::string data;
    std::uint32_t timestamp = 1'000;

    bool operator==(const PlainValue&) const = default;
};

// Owns what a PackRecord points into: a record stored whole.
class WholeRecord {
public:
    WholeRecord(std::string_view identifier, std::span<const PlainValue> values,
                std::uint32_t time = 1'000);
    WholeRecord(std::string_view identifier, std::string_view text, std::uint32_t time = 1'000);

    [[nodiscard]] PackRecord pack() const;

private:
    std::string identifier_;
    std::string folded_;
    std::string own_;
    std::uint32_t time_;
};

// "type@index=data" of each value, joined by ";".
std::string to_plain_text(const Record& record);
std::string plain_text(std::span<const PlainValue> values);

inline const std::vector<std::string> kNoPrefixes;

class TestRegistry {
public:
    // With the prefixes given, none synced: the machine will not lose power during a test.
    explicit TestRegistry(const std::vector<std::string>& prefixes = {"88.1"},
                          std::uint64_t map_size = 1ULL << 30);

    Registry& operator*() const { return *registry_; }
    Registry* operator->() const { return registry_.get(); }
    [[nodiscard]] std::string path() const { return directory_.path("registry"); }
    [[nodiscard]] const ScratchDirectory& directory() const { return directory_; }
    void close() { registry_.reset(); }
    void open(Access access = Access::kWrite, OpenOptions options = {Syncing::kNever, 1});

    ChangeOutcome put(std::string_view identifier, std::string_view text,
                      ExistingPolicy existing = ExistingPolicy::kReject);
    ChangeOutcome erase(std::string_view identifier);
    // "outcome" in lower case for everything but kFound, which gives the values' text.
    [[nodiscard]] std::string get(std::string_view identifier) const;
    void set_state(std::string_view prefix, PrefixState state, std::string_view reason = {});

    // Findings of verify, joined; "clean" when there are none.
    [[nodiscard]] std::string verify_text() const;

private:
    ScratchDirectory directory_;
    std::unique_ptr<Registry> registry_;
};

std::string look_up(RegistryReader& reader, std::string_view identifier);

}  // namespace idnode::registry
