#include "resolver/registry_watch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/resolver/test_files.h"

namespace idnode::resolver {
namespace {

using namespace idnode::test;

class RegistryWatchTest : public testing::Test {
protected:
    RegistryWatchTest() {
        auto log = Log::open({LogLevel::kInfo, directory_.path_of("log")});
        EXPECT_TRUE(log);
        log_ = std::move(*log);
        EXPECT_TRUE(registry::Registry::init(path_));
        auto opened = registry::Registry::open(path_, registry::Access::kRead);
        EXPECT_TRUE(opened);
        registry_ = std::move(*opened);
    }

    // How often `part` stands in the log after ticks at the start, before and after a minute.
    std::size_t said_in_a_minute(std::string_view part) {
        RegistryWatch watch(*registry_, *log_);
        for (const std::uint64_t now_ms : {1'000ULL, 6'000ULL, 60'999ULL, 61'000ULL}) {
            watch.tick(now_ms);
        }
        return occurrences(read_file(directory_.path_of("log")), part);
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.path_of("registry");
    std::string elsewhere_ = directory_.path_of("elsewhere");
    std::optional<Log> log_;
    std::unique_ptr<registry::Registry> registry_;
};

TEST_F(RegistryWatchTest, SaysNothingOfAFileInItsPlace) {
    EXPECT_EQ(said_in_a_minute("error "), 0U);
    EXPECT_EQ(registry_->file_state(), registry::FileState::kInPlace);
}

TEST_F(RegistryWatchTest, SaysOnceAMinuteThatTheDirectoryVanished) {
    std::filesystem::rename(path_, elsewhere_);
    EXPECT_EQ(said_in_a_minute("error registry vanished file="), 2U);
}

TEST_F(RegistryWatchTest, SaysOnceAMinuteThatTheDirectoryIsAnother) {
    std::filesystem::rename(path_, elsewhere_);
    ASSERT_TRUE(registry::Registry::init(path_));
    EXPECT_EQ(said_in_a_minute("error registry replaced file="), 2U);
    EXPECT_EQ(said_in_a_minute("vanished"), 0U);
}

TEST_F(RegistryWatchTest, SeesAFilePutInThePlaceOfTheOpenOne) {
    std::filesystem::copy_file(path_ + "/data.mdb", elsewhere_);
    std::filesystem::rename(elsewhere_, path_ + "/data.mdb");
    EXPECT_EQ(registry_->file_state(), registry::FileState::kReplaced);
}

}  // namespace
}  // namespace idnode::resolver
