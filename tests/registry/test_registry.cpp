#include "tests/registry/test_registry.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "registry/own_values.h"
#include "registry/verify.h"

namespace idnode::registry {

namespace {

std::string fold(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_ascii);
    return folded;
}

}  // namespace

WholeRecord::WholeRecord(std::string_view identifier, std::span<const PlainValue> values,
                         std::uint32_t time)
    : identifier_(identifier), folded_(fold(identifier)), time_(time) {
    std::vector<handle::ValueView> views;
    for (const PlainValue& value : values) {
        handle::ValueView view;
        view.index = value.index;
        view.type = value.type;
        view.data = to_bytes(value.data);
        view.timestamp = value.timestamp;
        views.push_back(view);
    }
    encode_own_values(views, time_, own_);
}

WholeRecord::WholeRecord(std::string_view identifier, std::string_view text, std::uint32_t time)
    : WholeRecord(identifier, std::vector{PlainValue{1, "URL", std::string(text), time}}, time) {}

PackRecord WholeRecord::pack() const {
    PackRecord record;
    record.folded = folded_;
    record.fields.identifier = identifier_;
    record.fields.time = time_;
    record.fields.own = to_bytes(own_);
    return record;
}

std::string to_plain_text(const Record& record) {
    std::string text;
    ValueCursor values = record.values();
    StoredValue value;
    while (values.next(value)) {
        if (!text.empty()) text += ';';
        text += fmt::format("{}@{}=", value.type, value.index);
        for (std::size_t i = 0; i < value.piece_count; ++i) text += to_text(value.pieces[i]);
    }
    return values.ok() ? text : "damaged values";
}

std::string plain_text(std::span<const PlainValue> values) {
    std::string text;
    for (const PlainValue& value : values) {
        if (!text.empty()) text += ';';
        text += fmt::format("{}@{}={}", value.type, value.index, value.data);
    }
    return text;
}

TestRegistry::TestRegistry(const std::vector<std::string>& prefixes, std::uint64_t map_size) {
    auto made = Registry::init(path(), {map_size});
    EXPECT_TRUE(made) << made.error().to_string();
    made->reset();
    open();
    auto writer = Writer::begin(*registry_, Origin::kCommand);
    EXPECT_TRUE(writer);
    for (const std::string& prefix : prefixes) {
        const auto added = writer->add_prefix(prefix);
        EXPECT_TRUE(added) << added.error().to_string();
    }
    EXPECT_TRUE(std::move(*writer).commit());
}

void TestRegistry::open(Access access, OpenOptions options) {
    auto opened = Registry::open(path(), access, options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    registry_ = std::move(*opened);
}

ChangeOutcome TestRegistry::put(std::string_view identifier, std::string_view text,
                                ExistingPolicy existing) {
    const WholeRecord record(identifier, text);
    Change change;
    change.record = record.pack();
    auto writer = Writer::begin(*registry_, Origin::kCommand);
    EXPECT_TRUE(writer);
    const auto applied = writer->apply({&change, 1}, {.existing = existing});
    EXPECT_TRUE(applied) << applied.error().where;
    EXPECT_TRUE(std::move(*writer).commit());
    return change.outcome;
}

ChangeOutcome TestRegistry::erase(std::string_view identifier) {
    const WholeRecord record(identifier, "");
    Change change;
    change.kind = ChangeKind::kDelete;
    change.record = record.pack();
    auto writer = Writer::begin(*registry_, Origin::kCommand);
    EXPECT_TRUE(writer);
    const auto applied = writer->apply({&change, 1});
    EXPECT_TRUE(applied) << applied.error().where;
    EXPECT_TRUE(std::move(*writer).commit());
    return change.outcome;
}

std::string look_up(RegistryReader& reader, std::string_view identifier) {
    auto snapshot = reader.snapshot();
    if (!snapshot) return std::string(snapshot.error().where);
    const FoldedIdentifier folded(identifier);
    const auto lookup = std::make_unique<Lookup>();
    lookup->identifier = &folded;
    snapshot->find_batch({lookup.get(), 1});
    switch (lookup->outcome) {
        case Outcome::kFound:
            return to_plain_text(lookup->record);
        case Outcome::kAbsent:
            return "absent";
        case Outcome::kNoPrefix:
            return "no prefix";
        case Outcome::kSuspended:
            return fmt::format("suspended: {}", lookup->prefix.reason);
        case Outcome::kDamaged:
            return fmt::format("damaged: {}", lookup->error.where);
        case Outcome::kUnavailable:
            break;
    }
    return fmt::format("unavailable: {}", lookup->error.where);
}

std::string TestRegistry::get(std::string_view identifier) const {
    RegistryReader reader(*registry_);
    return look_up(reader, identifier);
}

void TestRegistry::set_state(std::string_view prefix, PrefixState state, std::string_view reason) {
    auto writer = Writer::begin(*registry_, Origin::kCommand);
    ASSERT_TRUE(writer);
    const auto set = writer->set_prefix_state(prefix, state, reason);
    EXPECT_TRUE(set) << set.error().to_string();
    EXPECT_TRUE(std::move(*writer).commit());
}

std::string TestRegistry::verify_text() const {
    const auto report = verify(*registry_);
    if (!report) return std::string(report.error().where);
    std::string text;
    for (const Finding& finding : report->findings) {
        text += fmt::format("{} [{}] {}..{}\n", finding.what, finding.prefix, finding.range.from,
                            finding.range.to);
    }
    return text.empty() ? "clean" : text;
}

}  // namespace idnode::registry
