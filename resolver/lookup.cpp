#include "resolver/lookup.h"

#include "protocol/core/check.h"
#include "protocol/handle/value.h"

namespace idnode::resolver {

Situation situation_of(registry::Outcome outcome) {
    switch (outcome) {
        case registry::Outcome::kFound:
            return Situation::kFound;
        case registry::Outcome::kAbsent:
            return Situation::kNotFound;
        case registry::Outcome::kNoPrefix:
            return Situation::kNotResponsible;
        case registry::Outcome::kSuspended:
            return Situation::kSuspended;
        case registry::Outcome::kDamaged:
            return Situation::kDamaged;
        case registry::Outcome::kUnavailable:
            return Situation::kUnreadable;
    }
    check_failed("an outcome without a situation", __FILE__, __LINE__);
}

Verdict judge_value(const registry::StoredValue& value, const Question& question) {
    if (!handle::matches_filters(value.index, value.type, question.indexes, question.types)) {
        return Verdict::kNotWanted;
    }
    return (value.permissions & handle::kPublicRead) != 0 ? Verdict::kAnswer : Verdict::kHidden;
}

Situation conclude(const Tally& tally, const Question& question) {
    const bool may_ask_who = !question.public_only && question.family == ClientFamily::kHandle;
    if (tally.hidden != 0 && may_ask_who) return Situation::kHidden;
    return tally.answered == 0 ? Situation::kNothingToShow : Situation::kFound;
}

}  // namespace idnode::resolver
