#include "resolver/log.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/resolver/test_files.h"

namespace idnode::resolver {
namespace {

using test::occurrences;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

TEST(Log, TextStaysOneWord) {
    EXPECT_EQ(log_text("88.118.8/SN-1"), "88.118.8/SN-1");
    EXPECT_EQ(log_text(""), "\"\"");
    EXPECT_EQ(log_text("a b"), "\"a b\"");
    EXPECT_EQ(log_text("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(log_text("a\nlevel=error"), "\"a\\x0alevel=error\"");
    EXPECT_EQ(log_text("\x1b[2J\xe4\xb8\xad"), "\"\\x1b[2J\\xe4\\xb8\\xad\"");
    EXPECT_EQ(log_text(std::string(256, 'a')), std::string(256, 'a'));
    EXPECT_EQ(log_text(std::string(257, 'a')), "\"" + std::string(256, 'a') + "...\"");
}

TEST(Log, WritesLinesOfTheWantedLevels) {
    const TemporaryDirectory directory;
    const std::string file = directory.path_of("log");
    auto log = Log::open({LogLevel::kWarning, file});
    ASSERT_TRUE(log);
    log->error("first key={}", 1);
    log->warning("second");
    log->info("third");
    log->debug("fourth");
    const std::string text = read_file(file);
    EXPECT_NE(text.find("Z error first key=1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("Z warning second\n"), std::string::npos) << text;
    EXPECT_EQ(occurrences(text, "\n"), 2U) << text;
    ASSERT_TRUE(log->reopen({LogLevel::kDebug, file}));
    log->debug("fifth");
    EXPECT_EQ(occurrences(read_file(file), "\n"), 3U);
}

TEST(Log, GoesOnInANewFileAfterRotation) {
    const TemporaryDirectory directory;
    const LogConfig config{LogLevel::kInfo, directory.path_of("log")};
    auto log = Log::open(config);
    ASSERT_TRUE(log);
    log->info("before");
    std::filesystem::rename(config.file, directory.path_of("log.1"));
    ASSERT_TRUE(log->reopen(config));
    log->info("after");
    EXPECT_EQ(occurrences(read_file(directory.path_of("log.1")), "before"), 1U);
    EXPECT_EQ(occurrences(read_file(config.file), "after"), 1U);
    EXPECT_EQ(occurrences(read_file(config.file), "before"), 0U);
}

TEST(Log, KeepsItsFileWhenTheNewOneFails) {
    const TemporaryDirectory directory;
    const LogConfig config{LogLevel::kInfo, directory.path_of("log")};
    auto log = Log::open(config);
    ASSERT_TRUE(log);
    const auto reopened = log->reopen({LogLevel::kError, directory.path_of("absent/log")});
    ASSERT_FALSE(reopened);
    EXPECT_NE(reopened.error().text.find("No such file"), std::string::npos);
    EXPECT_FALSE(reopened.error().remedy.empty());
    log->info("still here");
    EXPECT_EQ(occurrences(read_file(config.file), "still here"), 1U);
    EXPECT_FALSE(Log::open({LogLevel::kInfo, directory.path_of("absent/log")}));
}

TEST(Log, CheckTellsWhetherItCouldBeOpenedAndMakesNothing) {
    const TemporaryDirectory directory;
    const std::string file = directory.path_of("log");
    EXPECT_TRUE(Log::check({}));
    EXPECT_TRUE(Log::check({LogLevel::kInfo, file}));
    EXPECT_FALSE(std::filesystem::exists(file));
    write_file(file, "kept\n");
    EXPECT_TRUE(Log::check({LogLevel::kInfo, file}));
    EXPECT_EQ(read_file(file), "kept\n");
    EXPECT_TRUE(Log::check({LogLevel::kInfo, "in-the-working-directory"}));
    for (const std::string& bad :
         {directory.path_of("no/log"), directory.path_of("log/log"), directory.path_of("")}) {
        const auto checked = Log::check({LogLevel::kInfo, bad});
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().file, bad);
        EXPECT_FALSE(checked.error().remedy.empty());
    }
}

TEST(Seldom, IsDueOncePerInterval) {
    Seldom seldom(1'000);
    EXPECT_EQ(seldom.due(50), 0U);
    EXPECT_FALSE(seldom.due(51));
    EXPECT_FALSE(seldom.due(1'049));
    EXPECT_EQ(seldom.due(1'050), 2U);
    EXPECT_EQ(seldom.due(2'050), 0U);
}

}  // namespace
}  // namespace idnode::resolver
