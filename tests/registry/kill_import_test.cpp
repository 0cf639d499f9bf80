// Imports of sorted input killed at random moments and gone on with, until they are through: every
// record is there exactly once, counts and rejects are those of an import in one go.
// IDNODE_KILL_ROUNDS says how many kills (20).
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "registry/verify.h"
#include "tests/registry/import_fixture.h"
#include "tests/registry/packed.h"
#include "tests/registry/resume_samples.h"

namespace idnode::registry {
namespace {

// What a child tells after each step of progress and at its end.
struct Message {
    bool through = false;
    ImportCounts counts;
};

class Teller final : public ImportSink {
public:
    explicit Teller(int pipe) : pipe_(pipe) {}
    void on_reject_line(std::string_view /*line*/) override {}
    void on_progress(const ImportProgress& progress) override { tell({false, progress.counts}); }
    void tell(const Message& message) const {
        if (write(pipe_, &message, sizeof message) != sizeof message) std::_Exit(1);
    }

private:
    int pipe_;
};

struct Variant {
    const char* name;
    SampleForm form;
    enum class Way { kPlain, kStandardInput, kGzip, kZstd } way;
    DuplicatePolicy duplicates = DuplicatePolicy::kReject;
};

constexpr std::array kVariants = {
    Variant{"CSV, plain file", SampleForm::kCsv, Variant::Way::kPlain},
    Variant{"CSV, standard input", SampleForm::kCsv, Variant::Way::kStandardInput},
    Variant{"CSV, gzip", SampleForm::kCsv, Variant::Way::kGzip, DuplicatePolicy::kFirst},
    Variant{"CSV, zstd", SampleForm::kCsv, Variant::Way::kZstd, DuplicatePolicy::kLast},
    Variant{"JSON lines, plain file", SampleForm::kJsonLines, Variant::Way::kPlain,
            DuplicatePolicy::kLast},
    Variant{"JSON lines, zstd", SampleForm::kJsonLines, Variant::Way::kZstd},
};

class KillImport : public ImportTest {
protected:
    KillImport() { registry_.reset(); }

    void make_with_prefix(std::string_view name) {
        const auto registry = make_registry(name);
        auto writer = Writer::begin(*registry, Origin::kCommand);
        ASSERT_TRUE(writer->add_prefix("10.1").has_value());
        ASSERT_TRUE(std::move(*writer).commit().has_value());
    }
    std::unique_ptr<Registry> open(std::string_view name) {
        OpenOptions options;
        options.syncing = Syncing::kNever;
        return Registry::open(scratch_.path(name), Access::kWrite, options).value();
    }

    ImportOptions options_for(const Variant& variant) {
        const std::string rows = sample_rows(variant.form);
        std::string content = rows;
        if (variant.way == Variant::Way::kGzip) content = gzip_of(rows);
        if (variant.way == Variant::Way::kZstd) {
            content = zstd_of(rows.substr(0, 77'777)) + zstd_of(rows.substr(77'777));
        }
        ImportOptions options = csv_options(content, "rows");
        options.format =
            variant.form == SampleForm::kCsv ? InputFormat::kCsv : InputFormat::kJsonLines;
        if (variant.form == SampleForm::kJsonLines) options.mapping.clear();
        input_ = options.inputs.front();
        if (variant.way == Variant::Way::kStandardInput) options.inputs = {"-"};
        options.add_prefixes = false;
        options.sorted = true;
        options.duplicates = variant.duplicates;
        options.batch_count_max = 90;
        return options;
    }

    // The child's work; tells of it through `pipe`.
    void import_in_child(const ImportOptions& options, const std::string& name, int pipe) {
        const int input = ::open(input_.c_str(), O_RDONLY);
        if (::dup2(input, STDIN_FILENO) != STDIN_FILENO) std::_Exit(1);
        const auto registry = open(name);
        Teller teller(pipe);
        const ImportResult result = import_records(*registry, options, teller);
        if (result.failure) std::_Exit(2);
        teller.tell({true, result.counts});
        std::_Exit(0);
    }

    // Kills it so many messages and milliseconds later, unless it is through before; its counts.
    std::optional<ImportCounts> run_and_kill(const ImportOptions& options, const std::string& name,
                                             int messages, int delay_ms) {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) std::abort();
        const pid_t child = fork();
        if (child == 0) {
            ::close(ends[0]);
            import_in_child(options, name, ends[1]);
        }
        ::close(ends[1]);
        Message message;
        const auto read_one = [&] {
            return !message.through && read(ends[0], &message, sizeof message) == sizeof message;
        };
        for (int i = 0; i < messages && read_one(); ++i) {
        }
        // Not a wait for something to happen: the random moment itself.
        poll(nullptr, 0, delay_ms);
        if (!message.through) kill(child, SIGKILL);
        while (read_one()) {
        }
        ::close(ends[0]);
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
        if (WIFSIGNALED(status)) ++kills_;
        return message.through ? std::optional(message.counts) : std::nullopt;
    }

    void expect_same(const Variant& variant, const std::optional<ImportCounts>& counts) {
        make_with_prefix("whole");
        ImportOptions options = options_for(variant);
        options.rejects_path = scratch_.path("whole_bad");
        const auto wanted = run_and_kill(options, "whole", 1'000'000, 0);
        ASSERT_TRUE(wanted.has_value());
        EXPECT_GT(wanted->added, 2'900U);
        EXPECT_GT(wanted->rejected, 60U);
        // Killed between its last commit and its report it is through all the same.
        if (counts) {
            EXPECT_EQ(counts->rows, wanted->rows);
            EXPECT_EQ(counts->octets, wanted->octets);
            EXPECT_EQ(counts->added, wanted->added);
            EXPECT_EQ(counts->unchanged, 0U);
            EXPECT_EQ(counts->duplicates, wanted->duplicates);
            EXPECT_EQ(counts->rejected, wanted->rejected);
            EXPECT_EQ(counts->doubtful, wanted->doubtful);
            EXPECT_EQ(counts->time_defaulted, wanted->time_defaulted);
        }
        const auto killed = open("killed");
        const auto whole = open("whole");
        EXPECT_TRUE(export_of(*killed) == export_of(*whole));
        EXPECT_TRUE(scratch_.read("bad") == scratch_.read("whole_bad"));
        EXPECT_TRUE(verify(*killed)->clean());
        EXPECT_EQ(killed->info()->identifiers, wanted->added);
    }

    // One import, killed again and again while `kills_` is below `rounds`.
    void run_to_the_end(const Variant& variant, int rounds) {
        make_with_prefix("killed");
        ImportOptions options = options_for(variant);
        options.rejects_path = scratch_.path("bad");
        std::optional<ImportCounts> counts;
        while (!counts && !HasFailure()) {
            const int messages = kills_ < rounds ? static_cast<int>(random_() % 12) : 1'000'000;
            counts = run_and_kill(options, "killed", messages, static_cast<int>(random_() % 4));
            const auto info = open("killed")->info();
            options.resume = info->import.has_value();
            if (!options.resume && info->identifiers > 0) break;
            if (options.resume) options.now += 10;  // The moment of the first start counts.
        }
        expect_same(variant, counts);
        std::filesystem::remove_all(scratch_.path("killed"));
        std::filesystem::remove_all(scratch_.path("whole"));
    }

    std::string input_;
    std::mt19937 random_{20'261'125};
    int kills_ = 0;
};

TEST_F(KillImport, EveryRecordIsThereExactlyOnce) {
    const char* const asked = std::getenv("IDNODE_KILL_ROUNDS");
    const int rounds = asked != nullptr ? std::atoi(asked) : 20;
    for (std::size_t i = 0; (i < kVariants.size() || kills_ < rounds) && !HasFailure(); ++i) {
        const Variant& variant = kVariants[i % kVariants.size()];
        SCOPED_TRACE(variant.name);
        // So that each variant gets its share of few rounds.
        const int share = static_cast<int>((i + 1) * 4);
        run_to_the_end(variant, std::min(rounds, share));
    }
    EXPECT_GE(kills_, rounds);
}

}  // namespace
}  // namespace idnode::registry
