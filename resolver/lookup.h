// Decides what a resolution is answered with: which values, or which situation instead.
//
// Pure: no bytes, no sockets, no clock; what the registry found comes in as a parameter.
#pragma once

#include <cstdint>

#include "protocol/handle/list.h"
#include "registry/snapshot.h"
#include "resolver/answers.h"
#include "resolver/service.h"

namespace idnode::resolver {

// What a client wants of an identifier.
struct Question {
    handle::IndexList indexes;
    handle::TypeList types;
    bool public_only = true;  // PUBL: leave the others out, do not ask me who I am.
    ClientFamily family = ClientFamily::kHandle;

    [[nodiscard]] bool wants_all() const { return indexes.empty() && types.empty(); }
};

// The situation that the registry's outcome alone decides; kFound: judge the values.
Situation situation_of(registry::Outcome outcome);

enum class Verdict : std::uint8_t {
    kAnswer,
    kNotWanted,  // No filter matches.
    kHidden,     // Wanted, but not publicly readable.
};

Verdict judge_value(const registry::StoredValue& value, const Question& question);

// Counts of the verdicts over a record.
struct Tally {
    std::uint32_t answered = 0;
    std::uint32_t hidden = 0;
};

// kFound, kNothingToShow or kHidden.
Situation conclude(const Tally& tally, const Question& question);

}  // namespace idnode::resolver
