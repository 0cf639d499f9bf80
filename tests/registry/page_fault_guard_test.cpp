#include "registry/page_fault_guard.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <numeric>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "registry/verify.h"
#include "registry/walk.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kPage = 4'096;

// A map of a file of one page, two pages long: reading the second is a SIGBUS.
class ShortMap {
public:
    ShortMap() {
        const std::string path = directory_.write("file", std::string(kPage, 'x'));
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        map_ = mmap(nullptr, 2 * kPage, PROT_READ, MAP_SHARED, file, 0);
        ::close(file);
    }
    ~ShortMap() { munmap(map_, 2 * kPage); }
    ShortMap(const ShortMap&) = delete;
    ShortMap& operator=(const ShortMap&) = delete;

    [[nodiscard]] char at(std::size_t place) const {
        return static_cast<const volatile char*>(map_)[place];
    }

private:
    ScratchDirectory directory_;
    void* map_;
};

TEST(PageFaultGuard, TellsWhetherTheBodyCameThrough) {
    install_page_fault_handler();
    const ShortMap map;
    char seen = 0;
    auto good = [&] { seen = map.at(0); };
    auto bad = [&] { seen = map.at(kPage); };
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(run_guarded(good));
        EXPECT_EQ(seen, 'x');
        EXPECT_FALSE(run_guarded(bad));
    }
}

TEST(PageFaultGuard, NestsAndLandsInTheInnermost) {
    install_page_fault_handler();
    const ShortMap map;
    char seen = 0;
    bool inner_came_through = true;
    auto bad = [&] { seen = map.at(kPage); };
    auto outer = [&] {
        inner_came_through = run_guarded(bad);
        seen = map.at(0);
    };
    EXPECT_TRUE(run_guarded(outer));
    EXPECT_FALSE(inner_came_through);
    auto both = [&] {
        run_guarded(bad);
        seen = map.at(kPage);
    };
    EXPECT_FALSE(run_guarded(both));
}

TEST(PageFaultGuardDeathTest, OutsideOfAGuardTheProcessEnds) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            // The sanitizer's own handler would end the process in its way.
            std::signal(SIGBUS, SIG_DFL);
            install_page_fault_handler();
            const ShortMap map;
            std::_Exit(map.at(kPage) == 0 ? 0 : 1);
        },
        testing::KilledBySignal(SIGBUS), "");
}

// The registry's file loses its end under the map: reads behind it are SIGBUS.
TEST(PageFaultGuard, LookupsAndWalksSurviveAFileCutShort) {
    TestRegistry registry;
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i) {
        names.push_back("88.1/" + std::to_string(1'000 + i));
        registry.put(names.back(), std::string(1'000, 'x'));
    }
    registry.close();
    registry.open();
    const auto info = registry->info();
    ASSERT_TRUE(info);
    // The blocks written last lie at the end; the tables' upper pages too, so cut little by little.
    int unavailable = 0;
    int found = 0;
    for (std::uint64_t size = info->file_size; size > 16 * kPage && unavailable == 0;
         size -= 4 * kPage) {
        ASSERT_EQ(truncate((registry.path() + "/data.mdb").c_str(), static_cast<off_t>(size)), 0);
        found = 0;
        RegistryReader reader(*registry);
        for (const std::string& name : names) {
            const std::string answer = look_up(reader, name);
            if (answer.starts_with("URL")) ++found;
            if (answer.find("URL") == std::string::npos) {
                EXPECT_NE(answer, "absent");
                ++unavailable;
            }
        }
    }
    EXPECT_GT(unavailable, 0);
    EXPECT_EQ(found + unavailable, 200);
    RecordWalk walk(*registry, {});
    bool failed = false;
    for (int i = 0; i < 1'000; ++i) {
        const auto more = walk.next();
        failed = failed || !more;
        if (more && !*more) break;
    }
    EXPECT_TRUE(failed);
    const auto report = verify(*registry);
    EXPECT_TRUE(!report || !report->clean());
    // A write that needs an unreadable page ends in an error, not in a crash.
    const WholeRecord record(names[100], "new");
    Change change;
    change.record = record.pack();
    auto writer = Writer::begin(*registry, Origin::kCommand);
    if (writer) static_cast<void>(writer->apply({&change, 1}));
}

}  // namespace
}  // namespace idnode::registry
