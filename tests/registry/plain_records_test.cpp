#include "registry/plain_records.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "registry/pattern_book.h"
#include "registry/registry_parts.h"
#include "registry/walk.h"
#include "tests/registry/import_fixture.h"
#include "tests/registry/plain_values.h"

namespace idnode::registry {
namespace {

using ::testing::SizeIs;

std::string line_of(const PlainValues& values) {
    std::string line;
    JsonWriter json(line);
    const PlainRecord record = values.record();
    handle::write_record_json(json, {record.identifier, record.values});
    return line + "\n";
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
}

// Records as a shop would have them; `number` in key order.
std::string product_line(std::size_t number, std::string_view model) {
    const std::string suffix = fmt::format("SN{:06}", number);
    PlainValues values("88.1/" + suffix, 1'600'000'000);
    values.add(1, "URL", "https://x.example/" + suffix);
    values.add(2, "MODEL", model);
    values.add(3, "DESC", "Product of the industrial internet");
    return line_of(values);
}

class PlainRecordsTest : public ImportTest {
protected:
    std::vector<Pattern> patterns(std::string_view prefix) {
        return stored_patterns(registry_->parts().environment, prefix, 1'000).value();
    }
    // Octets of columns and own values of a prefix: what its identifiers take beside their keys.
    std::size_t octets_of(std::string_view prefix) {
        std::size_t octets = 0;
        RecordWalk walk(*registry_, range_of_prefix(prefix));
        while (walk.next().value()) {
            octets += walk.record().fields.own.size();
            for (const auto text : walk.record().fields.columns) octets += text.size();
        }
        return octets;
    }
    ImportCounts import_lines(const std::vector<std::string>& lines, bool sorted = true) {
        ImportOptions options = json_options(joined(lines));
        options.sorted = sorted;
        return import(options);
    }
};

TEST_F(PlainRecordsTest, ShareOnePattern) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < 500; ++i) lines.push_back(product_line(i, "M1"));
    EXPECT_EQ(import_lines(lines).added, 500U);
    EXPECT_EQ(octets_of("88.1"), 0U);
    EXPECT_THAT(patterns("88.1"), SizeIs(1));
    EXPECT_EQ(export_of_all(), joined(lines));
}

TEST_F(PlainRecordsTest, GoOnWithAColumnWhereAConstantEnds) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < kSampleCountMax + 500; ++i) {
        lines.push_back(product_line(i, i < kSampleCountMax ? "M1" : "M2"));
    }
    EXPECT_EQ(import_lines(lines).added, lines.size());
    EXPECT_THAT(patterns("88.1"), SizeIs(2));
    EXPECT_EQ(octets_of("88.1"), 500U * (2 + 34));  // All constants become columns.
    EXPECT_EQ(export_of_all(), joined(lines));
}

TEST_F(PlainRecordsTest, AreFixedBehindTheSample) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < kSampleCountMax; ++i) lines.push_back(product_line(i, "M1"));
    for (std::size_t i = 0; i < 100; ++i) {  // Nothing of the sample is like these.
        PlainValues values(fmt::format("88.1/T{:03}", i), 1'600'000'000);
        lines.push_back(line_of(values.add(7, "EMAIL", fmt::format("{}@x.example", i))));
    }
    import_lines(lines);
    EXPECT_THAT(patterns("88.1"), SizeIs(1));
    EXPECT_EQ(export_of_all(), joined(lines));
}

TEST_F(PlainRecordsTest, LearnAnewForEachPrefix) {
    std::vector<std::string> lines;
    for (const char* const prefix : {"88.1", "88.2", "88.3"}) {
        for (std::size_t i = 0; i < 50; ++i) {
            PlainValues values(fmt::format("{}/{:03}", prefix, i), 1'600'000'000);
            values.add(1, "URL", fmt::format("https://{}.example/{:03}", prefix, i));
            lines.push_back(line_of(values));
        }
    }
    import_lines(lines);
    for (const char* const prefix : {"88.1", "88.2", "88.3"}) {
        EXPECT_THAT(patterns(prefix), SizeIs(1)) << prefix;
        EXPECT_EQ(octets_of(prefix), 0U) << prefix;
    }
    EXPECT_EQ(export_of_all(), joined(lines));
}

TEST_F(PlainRecordsTest, ChangeNothingTheSecondTime) {
    std::vector<std::string> lines;
    std::mt19937 random(5);
    for (std::size_t i = 0; i < kSampleCountMax + 2'000; ++i) {
        lines.push_back(product_line(i, fmt::format("M{}", i / 7'000 + (random() % 50 == 0))));
    }
    import_lines(lines);
    const std::vector<Pattern> first = patterns("88.1");
    const std::size_t octets = octets_of("88.1");
    EXPECT_EQ(import_lines(lines).unchanged, lines.size());
    EXPECT_EQ(patterns("88.1"), first);
    EXPECT_EQ(octets_of("88.1"), octets);
}

TEST_F(PlainRecordsTest, UseThePatternsOfAMapping) {
    ImportOptions options = csv_options("id,name\n10.1/a,one\n10.1/b,two\n10.1/c,NA\n");
    import(options);
    const std::vector<Pattern> mapped = patterns("10.1");
    EXPECT_THAT(mapped, SizeIs(2));
    std::string lines = export_of_all();
    EXPECT_EQ(import(json_options(lines)).unchanged, 3U);
    const std::size_t place = lines.find("10.1/b\"");
    lines.replace(place, 7, "10.1/d\"");  // Its URL is another's.
    EXPECT_EQ(import(json_options(lines)).added, 1U);
    EXPECT_EQ(patterns("10.1"), mapped);
}

TEST_F(PlainRecordsTest, KeepTheOrderBetweenMappedOnes) {
    ImportOptions options = csv_options("id,name\n10.1/b,two\n10.1/d,four\n10.2/a,x\n");
    std::string lines;
    for (const char* const suffix : {"a", "c", "e"}) {
        PlainValues values(std::string("10.1/") + suffix, 1'600'000'000);
        lines += line_of(values.add(1, "URL", std::string("https://x.example/10.1/") + suffix));
    }
    options.inputs.push_back(scratch_.write("more.jsonl", lines));
    const ImportCounts counts = import(options);
    EXPECT_EQ(counts.added, 6U);
    EXPECT_EQ(std::ranges::count(export_of_all(), '\n'), 6);
}

TEST_F(PlainRecordsTest, TakeTheSameSpaceInAnyOrder) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < 3'000; ++i) {
        lines.push_back(product_line(i, i % 10 == 0 ? fmt::format("own {}", i) : "M1"));
    }
    import_lines(lines);
    const std::size_t in_order = octets_of("88.1");
    const std::vector<Pattern> learned = patterns("88.1");
    std::shuffle(lines.begin(), lines.end(), std::mt19937(3));
    registry_ = make_registry("shuffled");
    import_lines(lines, false);
    EXPECT_EQ(octets_of("88.1"), in_order);
    EXPECT_THAT(patterns("88.1"), SizeIs(learned.size()));
}

// Draws records of a few shapes from a few words, so that much is alike and much is not.
class Draw {
public:
    explicit Draw(unsigned seed) : random_(seed), shape_count_(1 + random_() % 8) {}

    std::string line(std::size_t number) {
        const std::string suffix =
            fmt::format("{}{:05}", random_() % 5 == 0 ? "x" : "S", number * 3 + random_() % 3);
        PlainValues values("88.1/" + suffix, kTimes[random_() % kTimes.size()]);
        const std::size_t shape = random_() % shape_count_;
        std::uint32_t index = 0;
        for (std::size_t i = 0; i <= shape % 5; ++i) {
            index += 1 + static_cast<std::uint32_t>(random_() % 20 == 0);
            values.add(index, kTypes[(shape + i) % kTypes.size()], text(suffix, shape * 5 + i));
            vary(values.last());
        }
        return line_of(values);
    }

private:
    static constexpr std::array<std::uint32_t, 3> kTimes = {0, 1'600'000'000, 4'294'967'295};
    static constexpr std::array<const char*, 5> kTypes = {"URL", "DESC", "MODEL", "NOTE", "X.Y"};

    void vary(handle::ValueView& value) {
        if (random_() % 40 == 0) value.ttl = 5;
        if (random_() % 40 == 0) value.timestamp = 77;
        if (random_() % 40 == 0) value.permissions = 0x0F;
        if (random_() % 40 == 0) value.ttl_type = 3;
    }
    std::string text(const std::string& suffix, std::size_t kind) {
        std::string no_text(random_() % 4, '\xFF');
        if (random_() % 16 == 0) return no_text;
        switch (kind % 6) {
            case 0:
                return "https://x.example/" + suffix;
            case 1:
                return fmt::format("https://h{}.example/{}?{}", random_() % 30, suffix, suffix);
            case 2:
                return "constant";
            case 3:
                return fmt::format("M-{}", random_() % 4);
            case 4:
                return suffix.substr(random_() % 3);
            default:
                return fmt::format("<{:x}>", random_());
        }
    }

    std::mt19937 random_;
    std::size_t shape_count_;
};

TEST_F(PlainRecordsTest, ComeOutAsTheyWentIn) {
    for (unsigned seed = 0; seed < 24; ++seed) {
        SCOPED_TRACE(seed);
        Draw draw(seed);
        std::vector<std::string> lines;
        const std::size_t count = seed < 22 ? 1U << (seed % 11) : kSampleCountMax + 1'000;
        for (std::size_t i = 0; i < count; ++i) lines.push_back(draw.line(i));
        registry_ = make_registry(fmt::format("drawn{}", seed));
        EXPECT_EQ(import_lines(lines, false).added, count);
        EXPECT_LE(patterns("88.1").size(), kLearnedPatternCountMax);
        // Folded, "S" comes before "x": in the order of the export.
        std::ranges::sort(lines, {}, [](const std::string& line) {
            return std::string(FoldedIdentifier(line.substr(11, line.find('"', 11) - 11)).text());
        });
        EXPECT_EQ(export_of_all(), joined(lines));
        EXPECT_EQ(import_lines(lines).unchanged, count);
    }
}

}  // namespace
}  // namespace idnode::registry
