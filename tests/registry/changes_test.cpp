// Changes of every kind against a plain map, over every form of block: puts and deletes each in a
// transaction of its own, batches, sorted loads into the middle, runs of deletes, prefixes
// suspended, resumed and dropped. All that can be asked is compared: outcomes, answers found and
// not found octet for octet, order and count of the list, and verify.
//
// IDNODE_CHANGES says how many changes all worlds together get (1,000,000), IDNODE_CHANGES_SEED
// what they are drawn from; the seed is printed.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "registry/block_indexes.h"
#include "registry/block_layout.h"
#include "registry/block_walk.h"
#include "registry/walk.h"
#include "tests/registry/change_model.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr std::uint64_t kChangesDefault = 1'000'000;
constexpr std::uint64_t kSeedDefault = 20'261'125;
constexpr std::size_t kCheckpoints = 4;
constexpr std::uint64_t kMapSize = 64ULL << 30;  // The journal of 10^8 changes takes some.

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

using Wishes = std::map<std::string, Wish>;  // By folded identifier.

// What a world is made of, and the forms that its blocks must have come in.
struct WorldPlan {
    const char* name;
    std::vector<NameSpace> spaces;
    std::set<KeyForm> forms;
    // Of so many changes one is alone in its transaction; rarely where blocks are large, for such a
    // change costs as much as one of a thousand.
    std::uint64_t single_every;
    bool indexed;  // With the index of blocks kept beside it, compared with the cursor.
};

std::vector<NameSpace> small_spaces() {
    constexpr std::array kKinds = {NameKind::kSerial, NameKind::kDated,        NameKind::kSparse,
                                   NameKind::kHex,    NameKind::kAlphanumeric, NameKind::kFree};
    std::vector<NameSpace> spaces;
    for (std::size_t i = 0; i < 40; ++i) {
        spaces.push_back({fmt::format("88.{}.{}", 300 + i / 5, i), kKinds.at(i % kKinds.size()),
                          20 + i * 30, i % 4 == 0});
    }
    return spaces;
}

std::vector<WorldPlan> world_plans() {
    using enum NameKind;
    using enum KeyForm;
    return {{"Dense", {{"88.118.1", kSerial, 60'000, true}}, {kCells}, 400, true},
            {"Serial",
             {{"88.118.2", kSerial, 12'000}, {"88.118.3", kDated, 15'000}},
             {kCells},
             100,
             false},
            {"Spread",
             {{"88.200.1", kSparse, 9'000}, {"88.200.2", kHex, 6'000, true}},
             {kBuckets},
             40,
             true},
            {"Irregular",
             {{"10.1016", kFree, 9'000}, {"88.200.3", kAlphanumeric, 6'000}},
             {kFrontCoded},
             30,
             false},
            {"Small", small_spaces(), {kFrontCoded}, 20, true}};
}

class Outcomes : public BulkSink {
public:
    void on_outcome(std::uint64_t /*tag*/, ChangeOutcome outcome) override {
        outcomes.push_back(outcome);
    }
    void on_commit(const BulkCounts& /*so_far*/) override {}
    std::vector<ChangeOutcome> outcomes;
};

// How many blocks came in each form of each part, over all checkpoints: "keys 3", "times 1".
class FormsSeen {
public:
    void add(const BlockHead& head) {
        add("keys", static_cast<int>(head.key_form));
        add("case", static_cast<int>(head.case_mode));
        add("times", static_cast<int>(head.time_form));
        add("exceptions", static_cast<int>(head.exception_form));
        add("entries", static_cast<int>(head.entry_form));
    }
    [[nodiscard]] bool has(KeyForm form) const {
        return blocks_.contains(fmt::format("keys {}", static_cast<int>(form)));
    }
    [[nodiscard]] std::string text() const {
        std::string text;
        for (const auto& [form, count] : blocks_) text += fmt::format("{}: {}; ", form, count);
        return text;
    }

private:
    void add(std::string_view part, int form) { ++blocks_[fmt::format("{} {}", part, form)]; }
    std::map<std::string, std::uint64_t> blocks_;
};

class World {
public:
    World(WorldPlan plan, std::uint64_t seed)
        : plan_(std::move(plan)), draw_(seed), registry_(names_of(plan_), kMapSize) {
        for (const NameSpace& space : plan_.spaces)
            model_.prefixes[space.prefix] = PrefixState::kActive;
        reopen();
    }

    void run(std::uint64_t changes) {
        for (std::size_t part = 1; part <= kCheckpoints; ++part) {
            const std::uint64_t end = changes * part / kCheckpoints;
            while ((changed_ < end || singles_due()) && !testing::Test::HasFailure()) step();
            if (!testing::Test::HasFailure()) checkpoint();
            if (!testing::Test::HasFailure()) reopen();
        }
    }

    [[nodiscard]] std::uint64_t singles() const { return singles_; }
    [[nodiscard]] const FormsSeen& forms() const { return forms_; }

private:
    static std::vector<std::string> names_of(const WorldPlan& plan) {
        std::vector<std::string> names;
        for (const NameSpace& space : plan.spaces) names.push_back(space.prefix);
        return names;
    }

    void reopen() {
        keeper_.reset();
        reader_.reset();
        registry_.close();
        registry_.open(Access::kWrite, {Syncing::kNever, 16, plan_.indexed});
        reader_.emplace(*registry_);
        if (plan_.indexed) keeper_.emplace(*registry_);
    }

    [[nodiscard]] bool singles_due() const { return singles_ < changed_ / plan_.single_every; }

    void step() {
        if (singles_due()) return change_single();
        switch (draw_.below(12)) {
            case 0:
                return draw_.one_in(12) ? drop_prefix() : turn_prefix();
            case 1:
            case 2:
            case 3:
                return delete_run();
            case 4:
            case 5:
                return change_batch();
            default:
                return load_run();
        }
    }

    // --- What changes ---

    NameSpace& any_space() { return plan_.spaces[draw_.below(plan_.spaces.size())]; }
    std::uint32_t any_version() {
        return draw_.one_in(2) ? 0 : static_cast<std::uint32_t>(draw_.below(4));
    }

    Wish any_wish() {
        const NameSpace& space = any_space();
        Wish wish;
        wish.record = drawn_record(space, draw_.below(space.slots), any_version());
        if (draw_.one_in(2)) prefer_known(wish);
        if (draw_.one_in(3)) wish.kind = ChangeKind::kDelete;
        wish.time_defaulted = wish.kind == ChangeKind::kPut && draw_.one_in(9);
        return wish;
    }

    // Half of what is drawn at random would not be there: takes the neighbour that is.
    void prefer_known(Wish& wish) {
        const auto near = model_.records.lower_bound(wish.record.folded);
        if (near == model_.records.end()) return;
        wish.record.identifier = near->second.identifier;
        wish.record.folded = near->first;
    }

    void change_single() {
        Wish wish = any_wish();
        Wishes wishes;
        wishes.emplace(wish.record.folded, std::move(wish));
        apply(wishes);
        ++singles_;
    }

    void change_batch() {
        Wishes wishes;
        for (std::uint64_t left = 2 + draw_.below(600); left > 0; --left) {
            Wish wish = any_wish();
            wishes.insert_or_assign(wish.record.folded, std::move(wish));
        }
        apply(wishes);
    }

    // A run of neighbouring slots, sometimes with gaps, sometimes of other versions.
    void load_run() {
        const NameSpace& space = any_space();
        const std::uint64_t step = draw_.one_in(3) ? 1 + draw_.below(9) : 1;
        const std::uint64_t count = 1 + draw_.below(std::min<std::uint64_t>(space.slots, 6'000));
        const std::uint64_t first = draw_.below(space.slots);
        const std::uint32_t version = draw_.one_in(4) ? any_version() : 0;
        std::vector<DrawnRecord> records;
        for (std::uint64_t slot = first; slot < space.slots && records.size() < count;
             slot += step) {
            if (!draw_.one_in(11)) records.push_back(drawn_record(space, slot, version));
        }
        load(records);
    }

    void delete_run() {
        if (model_.records.empty()) return;
        const NameSpace& space = any_space();
        const std::string from = folded_of(drawn_name(space, draw_.below(space.slots), 0));
        Wishes wishes;
        std::uint64_t left = 1 + draw_.below(draw_.one_in(2) ? 9'000 : 300);
        for (auto at = model_.records.lower_bound(from); at != model_.records.end() && left > 0;
             ++at, --left) {
            if (!draw_.one_in(40)) wishes.emplace(at->first, wish_to_delete(at->first));
        }
        apply(wishes);
    }

    static Wish wish_to_delete(const std::string& folded) {
        Wish wish;
        wish.kind = ChangeKind::kDelete;
        wish.record.identifier = wish.record.folded = folded;
        return wish;
    }

    void turn_prefix() {
        const std::string& prefix = any_space().prefix;
        PrefixState& state = model_.prefixes[prefix];
        state = state == PrefixState::kActive ? PrefixState::kSuspended : PrefixState::kActive;
        registry_.set_state(prefix, state, state == PrefixState::kActive ? "" : "unpaid");
        ask_around(folded_of(prefix + "/"));
    }

    // Without what drop_prefix() has put behind it.
    static std::string first_segments(const std::string& prefix) {
        constexpr int kSegments = 3;
        std::size_t end = 0;
        for (int i = 0; i < kSegments && end != std::string::npos; ++i) {
            end = prefix.find('.', end + (i == 0 ? 0 : 1));
        }
        return prefix.substr(0, end);
    }

    // All of a prefix is deleted and the prefix removed; another one takes its place.
    void drop_prefix() {
        NameSpace& space = any_space();
        const KeyRange range = range_of_prefix(space.prefix);
        Wishes wishes;
        for (auto at = model_.records.lower_bound(range.from);
             at != model_.records.end() && at->first < range.to; ++at) {
            wishes.emplace(at->first, wish_to_delete(at->first));
        }
        apply(wishes);
        auto writer = Writer::begin(*registry_, Origin::kCommand);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->remove_prefix(space.prefix, "closed"));
        const std::string name = fmt::format("{}.{}", first_segments(space.prefix), ++dropped_);
        ASSERT_TRUE(writer->add_prefix(name));
        ASSERT_TRUE(std::move(*writer).commit());
        model_.prefixes[space.prefix] = PrefixState::kRemoved;
        const Wish late{ChangeKind::kPut, drawn_record(space, 1, 0), false};
        apply({{late.record.folded, late}});
        space.prefix = name;
        model_.prefixes[name] = PrefixState::kActive;
    }

    // --- The same to registry and map ---

    ExistingPolicy any_policy() {
        return draw_.one_in(4) ? static_cast<ExistingPolicy>(draw_.below(3))
                               : ExistingPolicy::kReplace;
    }

    PatternRef pattern_of(Writer& writer, const DrawnRecord& record) {
        if (!record.pattern) return {};
        const auto ref = writer.add_pattern(record.folded.substr(0, record.folded.find('/')),
                                            drawn_patterns().at(*record.pattern));
        EXPECT_TRUE(ref);
        return ref.value_or(PatternRef{});
    }

    void apply(const Wishes& wishes) {
        const ExistingPolicy existing = any_policy();
        auto writer = Writer::begin(*registry_, Origin::kCommand);
        ASSERT_TRUE(writer);
        std::deque<PackedDraw> packed;
        std::vector<Change> changes;
        for (const auto& [folded, wish] : wishes) {
            Change change;
            change.kind = wish.kind;
            change.record =
                packed.emplace_back(wish.record, pattern_of(*writer, wish.record)).pack();
            change.time_defaulted = wish.time_defaulted;
            changes.push_back(change);
        }
        const auto applied = writer->apply(changes, {.existing = existing});
        ASSERT_TRUE(applied) << applied.error().where;
        ASSERT_TRUE(std::move(*writer).commit());
        std::size_t at = 0;
        for (const auto& [folded, wish] : wishes) {
            ASSERT_EQ(changes[at++].outcome, model_.apply(wish, existing)) << folded;
            note(folded, wishes.size());
        }
        changed_ += wishes.size();
        ask();
    }

    void load(const std::vector<DrawnRecord>& records) {
        const ExistingPolicy existing = any_policy();
        const int fill = draw_.one_in(4) ? 100 : 85;
        Outcomes sink;
        BulkLoad load(*registry_, {.existing = existing, .fill_percent = fill}, sink);
        std::array<BulkPattern, kDrawnPatternCount> patterns{};
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            patterns.at(i) = load.declare_pattern(drawn_patterns().at(i));
        }
        for (const DrawnRecord& record : records) {
            const PackedDraw packed(record, {});
            BulkRecord bulk;
            bulk.record = packed.pack();
            bulk.pattern = record.pattern ? patterns.at(*record.pattern) : kNoBulkPattern;
            ASSERT_TRUE(load.add(bulk)) << record.folded;
        }
        ASSERT_TRUE(load.flush());
        ASSERT_EQ(sink.outcomes.size(), records.size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            const ChangeOutcome wanted =
                model_.apply({ChangeKind::kPut, records[i], false}, existing);
            ASSERT_EQ(sink.outcomes[i], wanted) << records[i].folded;
            note(records[i].folded, records.size());
        }
        changed_ += records.size();
        ask();
    }

    // --- What is asked ---

    // A changed name will be asked for, and one beside it: all of a small change, some of a large.
    void note(const std::string& folded, std::size_t of) {
        if (of > 40 && !draw_.one_in(3)) return;
        answers_.add(folded);
        if (of > 40 && !draw_.one_in(4)) return;
        std::string near = folded;
        switch (draw_.below(4)) {
            case 0:
                near.pop_back();
                break;
            case 1:
                near.push_back(static_cast<char>('0' + draw_.below(10)));
                break;
            case 2:
                near.back() = static_cast<char>('0' + draw_.below(43));
                break;
            default:
                near[near.find('/') + 1 + draw_.below(near.size() - near.find('/') - 1)] = '7';
        }
        answers_.add(folded_of(near));
        const auto behind = model_.records.upper_bound(folded);
        if (behind != model_.records.end()) answers_.add(behind->first);
    }

    void ask_around(const std::string& folded) {
        auto at = model_.records.lower_bound(folded);
        for (int i = 0; i < 3 && at != model_.records.end(); ++i, ++at) answers_.add(at->first);
        answers_.add(folded + "NOT THERE");
        ask();
    }

    void ask() {
        if (!testing::Test::HasFailure()) answers_.ask(*reader_);
    }

    // --- The whole ---

    void checkpoint() {
        compare_list();
        compare_counts();
        ASSERT_EQ(registry_.verify_text(), "clean");
        BlockWalk blocks(registry_->parts(), {});
        for (auto more = blocks.next(); more && *more; more = blocks.next()) {
            const auto block = parse_block(blocks.octets());
            ASSERT_TRUE(block);
            forms_.add(block->head);
        }
    }

    void compare_list() {
        RecordWalk walk(*registry_, {});
        for (const auto& [folded, known] : model_.records) {
            const auto more = walk.next();
            ASSERT_TRUE(more && *more) << folded;
            ASSERT_EQ(walk.folded(), folded);
            ASSERT_EQ(walk.record().fields.identifier, known.identifier);
            ASSERT_TRUE(answers_.wire_of(walk.record()) == known.wire) << folded;
        }
        const auto more = walk.next();
        ASSERT_TRUE(more && !*more);
    }

    void compare_counts() {
        ASSERT_EQ(registry_->info()->identifiers, model_.records.size());
        for (const auto& [prefix, state] : model_.prefixes) {
            const KeyRange range = range_of_prefix(prefix);
            const auto live = std::distance(model_.records.lower_bound(range.from),
                                            model_.records.lower_bound(range.to));
            const auto found = find_prefix(*registry_, prefix);
            ASSERT_TRUE(found && *found) << prefix;
            ASSERT_EQ((*found)->second.live, static_cast<std::uint64_t>(live)) << prefix;
            ASSERT_EQ((*found)->first.state, state) << prefix;
        }
    }

    static std::string folded_of(std::string_view text) {
        std::string folded(text);
        std::ranges::transform(folded, folded.begin(), fold_ascii);
        return folded;
    }

    WorldPlan plan_;
    Draw draw_;
    TestRegistry registry_;
    std::optional<RegistryReader> reader_;
    std::optional<BlockIndexKeeper> keeper_;
    ChangeModel model_;
    AnswerCheck answers_{model_};
    std::uint64_t changed_ = 0;
    std::uint64_t singles_ = 0;
    std::uint64_t dropped_ = 0;
    FormsSeen forms_;
};

class Changes : public testing::TestWithParam<std::size_t> {};

TEST_P(Changes, AgreeWithAMap) {
    const WorldPlan plan = world_plans().at(GetParam());
    const std::uint64_t seed = number_from("IDNODE_CHANGES_SEED", kSeedDefault);
    const std::uint64_t changes =
        number_from("IDNODE_CHANGES", kChangesDefault) / world_plans().size();
    std::cout << plan.name << ": " << changes << " changes, IDNODE_CHANGES_SEED=" << seed << "\n";
    World world(plan, seed);
    world.run(changes);
    EXPECT_GE(world.singles(), changes / plan.single_every);
    for (const KeyForm form : plan.forms) EXPECT_TRUE(world.forms().has(form));
    std::cout << "blocks seen by form: " << world.forms().text() << "\n";
}

INSTANTIATE_TEST_SUITE_P(Of, Changes, testing::Range<std::size_t>(0, 5),
                         [](const auto& one) { return world_plans().at(one.param).name; });

}  // namespace
}  // namespace idnode::registry
