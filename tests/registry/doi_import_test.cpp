// Real input: 249,039 DOIs as institutions reported them, some broken. IDNODE_DOI_FILE names the
// packed CSV; without it the test is skipped.
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "registry/gathered_values.h"
#include "registry/snapshot.h"
#include "tests/registry/import_fixture.h"

namespace idnode::registry {
namespace {

using Row = std::vector<std::string>;

// The rows of a CSV, read one octet at a time.
std::vector<Row> rows_of(const std::string& content) {
    std::vector<Row> rows(1, Row(1));
    bool quoted = false;
    for (std::size_t i = 0; i < content.size(); ++i) {
        const char c = content[i];
        std::string& field = rows.back().back();
        if (c == '"' && quoted && content[i + 1] == '"') {
            field += content[++i];
        } else if (c == '"' && (quoted || field.empty())) {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            rows.back().emplace_back();
        } else if (c == '\n' && !quoted) {
            if (i + 1 < content.size()) rows.emplace_back(1);
        } else if (c != '\r' || quoted) {
            field += c;
        }
    }
    return rows;
}

bool is_plain(const std::string& doi) {
    const std::size_t slash = doi.find('/');
    if (!doi.starts_with("10.") || slash < 7 || slash > 12 || slash + 1 >= doi.size()) return false;
    for (std::size_t i = 3; i < slash; ++i) {
        if (doi[i] < '0' || doi[i] > '9') return false;
    }
    return std::all_of(doi.begin() + static_cast<std::ptrdiff_t>(slash), doi.end(),
                       [](char c) { return c >= '!' && c <= '~'; });
}

// The rule of docs/operations.md, as far as this input goes.
bool is_bad(const std::string& doi) {
    const std::size_t slash = doi.find('/');
    if (slash == std::string::npos || doi.find('\n') != std::string::npos) return true;
    const std::string prefix = doi.substr(0, slash);
    return prefix.find_first_of("? ") != std::string::npos || doi[slash + 1] == ' ' ||
           doi.back() == ' ';
}

class DoiImportTest : public ImportTest {
protected:
    // The values of the identifier as text, or what became of it.
    std::string found(Snapshot& snapshot, const std::string& doi) {
        const FoldedIdentifier folded(doi);
        lookup_.identifier = &folded;
        snapshot.find_batch({&lookup_, 1});
        if (lookup_.outcome != Outcome::kFound) return "not found";
        EXPECT_TRUE(values_.gather(lookup_.record));
        std::string text(lookup_.record.fields.identifier);
        for (const handle::ValueView& value : values_.values()) {
            text += " " + std::to_string(value.index) + "=";
            text += to_text(value.data);
        }
        return text;
    }

    Lookup lookup_;
    GatheredValues values_;
};

TEST_F(DoiImportTest, LoadsEveryGoodRowAndNamesTheOthers) {
    const char* const packed = std::getenv("IDNODE_DOI_FILE");
    if (packed == nullptr) GTEST_SKIP() << "IDNODE_DOI_FILE is not set";
    const std::string path = scratch_.path("dois.csv");
    const std::string unpack = std::string("zstd -dcq '") + packed + "' > '" + path + "'";
    ASSERT_EQ(std::system(unpack.c_str()), 0);
    ImportOptions options = csv_options("");
    options.inputs = {path};
    options.mapping = {"identifier={doi}", "URL@1=https://doi.org/{doi}", "JOURNAL@2={journal}"};
    options.rejects_path = scratch_.path("bad.jsonl");
    const ImportCounts counts = import(options);
    const std::string before = export_of_all();
    EXPECT_EQ(import(options).unchanged, counts.added);
    EXPECT_TRUE(export_of_all() == before);

    std::uint64_t bad = 0;
    const std::vector<Row> rows = rows_of(scratch_.read("dois.csv"));
    RegistryReader reader(*registry_);
    auto snapshot = reader.snapshot();
    ASSERT_TRUE(snapshot.has_value());
    for (const Row& row : std::span(rows).subspan(1)) {
        const std::string& doi = row[0];
        const std::string& journal = row[2];
        std::string expected = doi + " 1=https://doi.org/" + doi;
        if (!journal.empty() && journal != "NA") expected += " 2=" + journal;
        if (is_bad(doi)) ++bad;
        ASSERT_FALSE(is_plain(doi) && is_bad(doi));
        ASSERT_EQ(found(*snapshot, doi), is_bad(doi) ? "not found" : expected);
    }
    EXPECT_EQ(counts.rows, rows.size() - 1);
    EXPECT_EQ(counts.rejected, bad);
    EXPECT_GT(counts.doubtful, 0U);
}

}  // namespace
}  // namespace idnode::registry
