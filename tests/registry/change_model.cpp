#include "tests/registry/change_model.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace idnode::registry {

ChangeOutcome ChangeModel::apply(const Wish& wish, ExistingPolicy existing) {
    const DrawnRecord& record = wish.record;
    const std::string prefix = record.folded.substr(0, record.folded.find('/'));
    if (prefixes.at(prefix) == PrefixState::kRemoved) return ChangeOutcome::kPrefixRemoved;
    const auto found = records.find(record.folded);
    if (wish.kind == ChangeKind::kDelete) {
        if (found == records.end()) return ChangeOutcome::kAbsent;
        records.erase(found);
        return ChangeOutcome::kDeleted;
    }
    Known wanted{record.identifier, drawn_wire(record)};
    if (found == records.end()) {
        records.emplace(record.folded, std::move(wanted));
        return ChangeOutcome::kAdded;
    }
    Known& known = found->second;
    const bool same =
        known.identifier == wanted.identifier &&
        (known.wire == wanted.wire ||
         (wish.time_defaulted && equal_but_for_time(known.wire, wanted.wire, record.time)));
    if (same) return ChangeOutcome::kUnchanged;
    if (existing == ExistingPolicy::kKeep) return ChangeOutcome::kKept;
    if (existing == ExistingPolicy::kReject) return ChangeOutcome::kRejected;
    known = std::move(wanted);
    return ChangeOutcome::kReplaced;
}

void AnswerCheck::ask(RegistryReader& reader) {
    if (testing::Test::HasFailure()) return;
    for (std::size_t at = 0; at < names_.size(); at += kAtOnce) {
        ask_some(reader, std::span(names_).subspan(at, std::min(kAtOnce, names_.size() - at)));
    }
    names_.clear();
}

void AnswerCheck::ask_some(RegistryReader& reader, std::span<const std::string> names) {
    std::array<FoldedIdentifier, kAtOnce> folded;
    for (std::size_t i = 0; i < names.size(); ++i) {
        folded.at(i).assign(names[i]);
        lookups_[i].identifier = &folded.at(i);
    }
    auto snapshot = reader.snapshot();
    ASSERT_TRUE(snapshot);
    snapshot->find_batch(std::span(lookups_).first(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) compare(names[i], lookups_[i]);
}

void AnswerCheck::compare(const std::string& folded, const Lookup& lookup) {
    const auto state = model_.prefixes.find(folded.substr(0, folded.find('/')));
    if (state == model_.prefixes.end() || state->second == PrefixState::kRemoved) {
        ASSERT_EQ(lookup.outcome, Outcome::kNoPrefix) << folded;
        return;
    }
    if (state->second == PrefixState::kSuspended) {
        ASSERT_EQ(lookup.outcome, Outcome::kSuspended) << folded;
        return;
    }
    const auto known = model_.records.find(folded);
    if (known == model_.records.end()) {
        ASSERT_EQ(lookup.outcome, Outcome::kAbsent) << folded;
        return;
    }
    ASSERT_EQ(lookup.outcome, Outcome::kFound) << folded << ": " << lookup.error.where;
    // The case is the one asked in an answer; the registered one comes with the record.
    ASSERT_EQ(lookup.record.fields.identifier, known->second.identifier);
    ASSERT_TRUE(wire_of(lookup.record) == known->second.wire) << folded;
}

std::string_view AnswerCheck::wire_of(const Record& record) {
    wire_.resize(kRecordSizeMax);
    idnode::Writer out(wire_);
    ValueCursor values = record.values();
    StoredValue value;
    while (values.next(value)) encode_stored_value(out, value);
    EXPECT_TRUE(values.ok() && out.ok());
    return to_text(out.written());
}

}  // namespace idnode::registry
