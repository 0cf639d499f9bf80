// What a registry should hold and answer after changes: a plain map, the states of its prefixes,
// and questions that compare every answer with them.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "registry/writer.h"
#include "tests/registry/drawn_records.h"

namespace idnode::registry {

struct Wish {
    ChangeKind kind = ChangeKind::kPut;
    DrawnRecord record;
    bool time_defaulted = false;
};

class ChangeModel {
public:
    struct Known {
        std::string identifier;  // In registered case.
        std::string wire;        // All values, as drawn_wire() gives them.
    };

    // What the registry should say to the change, which the map then has.
    ChangeOutcome apply(const Wish& wish, ExistingPolicy existing);

    std::map<std::string, Known> records;         // By folded identifier.
    std::map<std::string, PrefixState> prefixes;  // All that were ever added.
};

// Gathers names, asks for them in batches, and expects what the model says.
class AnswerCheck {
public:
    explicit AnswerCheck(const ChangeModel& model) : model_(model) {}

    void add(std::string folded) { names_.push_back(std::move(folded)); }
    void ask(RegistryReader& reader);

    // All values of a record, valid until the next call.
    std::string_view wire_of(const Record& record);

private:
    static constexpr std::size_t kAtOnce = 32;
    void ask_some(RegistryReader& reader, std::span<const std::string> names);
    void compare(const std::string& folded, const Lookup& lookup);

    const ChangeModel& model_;
    std::vector<std::string> names_;
    std::vector<Lookup> lookups_{kAtOnce};
    std::vector<std::uint8_t> wire_;
};

}  // namespace idnode::registry
