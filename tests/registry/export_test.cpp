#include "registry/export.h"

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "protocol/core/json_writer.h"
#include "protocol/handle/record.h"
#include "protocol/handle/record_json.h"
#include "tests/registry/import_fixture.h"

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
