#include "registry/export.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "protocol/core/json_writer.h"
#include "protocol/handle/record.h"
#include "protocol/handle/record_json.h"
#include "registry/lmdb.h"
#include "registry/registry_parts.h"
#include "tests/registry/import_fixture.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

using ::testing::HasSubstr;

std::string random_octets(std::mt19937& random, std::size_t size_max, bool text) {
    std::string octets(random() % (size_max + 1), '\0');
    for (char& octet : octets) {
        octet = static_cast<char>(text ? 0x20 + random() % 0x5F : random() % 256);
    }
    return octets;
}

handle::Value random_value(std::mt19937& random, std::uint32_t index) {
    handle::Value value;
    value.index = index;
    value.timestamp = random() % 3 == 0 ? static_cast<std::uint32_t>(random()) : 1'700'000'000;
    value.ttl_type = random() % 8 == 0 ? handle::kTtlAbsolute : handle::kTtlRelative;
    value.ttl = random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : handle::kTtlDefault;
    value.permissions = static_cast<std::uint8_t>(random() % 4 == 0 ? random() % 256 : 0x0E);
    const std::vector<std::string> types = {"URL", "EMAIL", "HS_ADMIN", "HS_SITE", "10.1/type"};
    value.type = types[random() % types.size()];
    value.data = random_octets(random, random() % 10 == 0 ? 2'000 : 40, random() % 3 != 0);
    if (random() % 6 == 0) {
        value.references = std::string(
            "\0\0\0\1\0\0\0\6"
            "10.1/r"
            "\0\0\0\7",
            18);
    }
    return value;
}

// Records of every kind, in order of their folded identifiers.
std::vector<handle::Record> random_records(std::size_t count) {
    std::mt19937 random(11);
    std::vector<handle::Record> records;
    for (std::size_t i = 0; i < count; ++i) {
        handle::Record record;
        const std::string number = std::to_string(10'000'000 + i);
        record.handle = i % 2 == 0 ? "10.1/Mixed-" : "10.1/MIXED-";
        record.handle += number;
        if (i % 5 == 0) record.handle += "\xC3\xA4";
        std::uint32_t index = 0;
        while (random() % 4 != 0) {
            index += static_cast<std::uint32_t>(1 + random() % 400);
            record.values.push_back(random_value(random, index));
        }
        records.push_back(std::move(record));
    }
    return records;
}

std::string lines_of(const std::vector<handle::Record>& records) {
    std::string lines;
    std::vector<handle::ValueView> views;
    for (const handle::Record& record : records) {
        JsonWriter json(lines);
        handle::write_record_json(json, record.view(views));
        lines.push_back('\n');
    }
    return lines;
}

// IDNODE_MIXED_RECORDS asks for more of them than every test run has time for.
std::size_t mixed_record_count() {
    const char* const asked = std::getenv("IDNODE_MIXED_RECORDS");
    return asked == nullptr ? 20'000 : std::stoul(asked);
}

TEST_F(ImportTest, ExportGivesEveryRecordAsItCame) {
    const std::size_t count = mixed_record_count();
    const std::string lines = lines_of(random_records(count));
    ImportOptions options = json_options(lines);
    options.sorted = true;
    EXPECT_EQ(import(options).added, count);
    const std::string exported = export_of_all();
    ASSERT_TRUE(exported == lines);

    // And once more into another registry, this time not known to be sorted.
    const auto other = make_registry("other");
    options = json_options(exported);
    Told told;
    const ImportResult result = import_records(*other, options, told);
    EXPECT_FALSE(result.failure.has_value());
    EXPECT_EQ(result.counts.added, count);
    EXPECT_TRUE(export_of(*other) == lines);
}

TEST_F(ImportTest, ExportedMappedRecordsReadBackTheSame) {
    std::string content = "id,name,other\n";
    for (int i = 0; i < 5'000; ++i) {
        content += "10.1/Item-" + std::to_string(10'000 + i);
        content += i % 3 == 0 ? ",NA," : ",Item-" + std::to_string(10'000 + i / 2) + ",";
        content += i % 7 == 0 ? "x\n" : "\"two\nlines\"\n";
    }
    ImportOptions options = csv_options(content);
    options.mapping.emplace_back("OTHER@70={other} of {name}");
    EXPECT_EQ(import(options).added, 5'000U);
    const std::string exported = export_of_all();

    const auto other = make_registry("other");
    Told told;
    const ImportResult result = import_records(*other, json_options(exported), told);
    EXPECT_FALSE(result.failure.has_value());
    EXPECT_EQ(result.counts.added, 5'000U);
    EXPECT_TRUE(export_of(*other) == exported);

    // The same record is the same, whether by a pattern or whole.
    const ImportResult again = import_records(*registry_, json_options(exported), told);
    EXPECT_EQ(again.counts.unchanged, 5'000U);
}

TEST_F(ImportTest, ExportsOnePrefix) {
    import(csv_options("id,name\n10.1/a,x\n10.10/b,y\n10.2/c,z\n"));
    EXPECT_THAT(export_of(*registry_, "10.10"), HasSubstr("10.10/b"));
    EXPECT_EQ(export_of(*registry_, "10.1").find("10.10/b"), std::string::npos);
    Told told;
    const auto unknown = export_records(*registry_, "10.3", told);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_THAT(unknown.error().text, HasSubstr("10.3"));
}

// Changes one octet of each block but the first and the last; gives how many it changed.
std::size_t damage_blocks(Registry& registry, std::size_t octet) {
    auto txn = lmdb::WriteTxn::begin(registry.parts().environment);
    EXPECT_TRUE(txn);
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> blocks;
    {
        auto cursor = lmdb::Cursor::open(*txn, lmdb::Table::kIds);
        for (auto entry = cursor->first(); entry && *entry; entry = cursor->next()) {
            blocks.emplace_back(to_text((*entry)->key),
                                std::vector((*entry)->value.begin(), (*entry)->value.end()));
        }
    }
    for (std::size_t i = 1; i + 1 < blocks.size(); ++i) {
        auto& [key, block] = blocks[i];
        block[octet] ^= 0x40;
        EXPECT_TRUE(txn->put(lmdb::Table::kIds, to_bytes(key), block));
    }
    EXPECT_TRUE(std::move(*txn).commit());
    return blocks.size() < 3 ? 0 : blocks.size() - 2;
}

TEST_F(ImportTest, ExportPassesOverEveryKindOfDamage) {
    std::string content = "id,name\n";
    for (int i = 10'000; i < 12'000; ++i) content += fmt::format("10.1/{},{:032x}\n", i, i * i);
    const ImportOptions options = csv_options(content);
    // Kind, version and form of a block; and what only its checksum tells.
    for (const std::size_t octet : {0U, 1U, 2U, 200U}) {
        registry_ = make_registry("damaged " + std::to_string(octet));
        ASSERT_EQ(import(options).added, 2'000U);
        const std::size_t damaged = damage_blocks(*registry_, octet);
        ASSERT_GT(damaged, 0U);
        Told told;
        const auto counts = export_records(*registry_, {}, told);
        ASSERT_TRUE(counts.has_value()) << octet << ": " << counts.error().to_string();
        EXPECT_EQ(counts->damaged, damaged) << octet;
        ASSERT_EQ(told.damage.size(), damaged) << octet;
        EXPECT_LT(told.damage.front().from, told.damage.front().to) << octet;
        EXPECT_THAT(told.lines, HasSubstr("10.1/10000")) << octet;
        EXPECT_THAT(told.lines, HasSubstr("10.1/11999")) << octet;
        EXPECT_EQ(std::ranges::count(told.lines, '\n'), static_cast<int>(counts->records));
    }
}

// The registry's file loses its end, where the records written last lie.
TEST(Export, PassesOverPagesThatCannotBeRead) {
    TestRegistry registry;
    for (int i = 0; i < 50; ++i) registry.put(fmt::format("88.1/a{}", 100 + i), "small");
    registry.put("88.1/b", std::string(60'000, 'x'));
    registry.put("88.1/c", std::string(60'000, 'x'));
    registry.put("88.1/d", "small");
    registry.close();
    registry.open(Access::kRead);
    const auto info = registry->info();
    ASSERT_TRUE(info);
    Told told;
    Checked<ExportCounts> counts;
    std::uint64_t size = info->file_size;
    do {
        size -= 4'096;
        ASSERT_EQ(truncate((registry.path() + "/data.mdb").c_str(), static_cast<off_t>(size)), 0);
        told = {};
        counts = export_records(*registry, {}, told);
        ASSERT_TRUE(counts.has_value()) << counts.error().to_string();
    } while (counts->damaged == 0 && size > 65'536);
    EXPECT_EQ(counts->damaged, 1U);
    EXPECT_EQ(counts->records, 52U);
    ASSERT_EQ(told.damage.size(), 1U);
    EXPECT_THAT(told.lines, HasSubstr("88.1/d"));
}

class FullDisk final : public ExportSink {
public:
    Checked<Done> on_lines(std::string_view, const ExportCounts&) override {
        Problem problem;
        problem.text = "the disk is full";
        return tl::unexpected(problem);
    }
    void on_damage(const KeyRange&, const Error&) override {}
};

TEST_F(ImportTest, ExportEndsWhereItsLinesCannotBeWritten) {
    import(csv_options("id,name\n10.1/a,x\n"));
    FullDisk sink;
    const auto counts = export_records(*registry_, {}, sink);
    ASSERT_FALSE(counts.has_value());
    EXPECT_EQ(counts.error().text, "the disk is full");
}

}  // namespace
}  // namespace idnode::registry
