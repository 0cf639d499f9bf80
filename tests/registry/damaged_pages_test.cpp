// LMDB's own pages have no checksum: whatever stands in them, lookups, walks, verify and the index
// of blocks end, and with an answer or an error.
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/block_index_build.h"
#include "registry/block_indexes.h"
#include "registry/registry_parts.h"
#include "registry/snapshot.h"
#include "registry/verify.h"
#include "registry/walk.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

constexpr std::size_t kPage = 4'096;
constexpr int kNameCount = 400;
constexpr std::uint64_t kWalkedMax = 10 * kNameCount;

std::string name_of(int number) {
    return "88." + std::to_string(1 + number % 40) + "/" + std::to_string(1'000 + number);
}

std::vector<std::string> prefixes() {
    std::vector<std::string> names;
    for (int i = 1; i <= 40; ++i) names.push_back("88." + std::to_string(i));
    return names;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
}

// Branch and leaf pages, by what they say of themselves; not the two that LMDB starts from.
std::vector<std::size_t> tree_pages(std::string_view file) {
    constexpr std::size_t kFlagsAt = 10;
    std::vector<std::size_t> pages;
    for (std::size_t page = 2; page < file.size() / kPage; ++page) {
        std::uint64_t number = 0;
        std::uint16_t flags = 0;
        std::memcpy(&number, file.data() + page * kPage, sizeof number);
        std::memcpy(&flags, file.data() + page * kPage + kFlagsAt, sizeof flags);
        if (number == page && (flags == 1 || flags == 2)) pages.push_back(page);
    }
    return pages;
}

void look_everything_up(Registry& registry) {
    RegistryReader reader(registry);
    for (int i = 0; i < kNameCount; ++i) {
        const std::string answer = look_up(reader, name_of(i));
        if (answer.starts_with("URL")) {
            EXPECT_EQ(answer, "URL@1=" + std::to_string(i) + std::string(500, 'x'));
        }
    }
}

void walk_everything(Registry& registry) {
    RecordWalk records(registry, {});
    std::uint64_t walked = 0;
    while (!records.ended() && walked < kWalkedMax) {
        const auto more = records.next();
        if (more && !*more) break;
        ++walked;
    }
    EXPECT_LT(walked, kWalkedMax);
    PrefixWalk of_prefixes(registry);
    for (walked = 0; !of_prefixes.ended() && walked < kWalkedMax; ++walked) {
        const auto more = of_prefixes.next();
        if (more && !*more) break;
    }
    EXPECT_LT(walked, kWalkedMax);
}

void try_everything(const std::string& path) {
    const auto registry = Registry::open(path, Access::kRead);
    if (!registry) return;
    look_everything_up(**registry);
    walk_everything(**registry);
    static_cast<void>((*registry)->info());
    static_cast<void>(verify(**registry, {.on_progress = {}, .part_size = 50}));
    static_cast<void>(build_block_index((*registry)->parts(), {}));
}

class DamagedPages : public ::testing::Test {
protected:
    DamagedPages() : registry_(prefixes()) {
        for (int i = 0; i < kNameCount; ++i) {
            registry_.put(name_of(i), std::to_string(i) + std::string(500, 'x'));
        }
        registry_.close();
        content_ = read_file(file());
        pages_ = tree_pages(content_);
    }

    [[nodiscard]] std::string file() const { return registry_.path() + "/data.mdb"; }

    TestRegistry registry_;
    std::string content_;
    std::vector<std::size_t> pages_;
    // Other damage with --gtest_shuffle --gtest_random_seed=N.
    std::mt19937 random_{static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed())};
};

TEST_F(DamagedPages, EachOneReplacedByRandomOctets) {
    ASSERT_GT(pages_.size(), 10U);
    for (const std::size_t page : pages_) {
        std::string damaged = content_;
        for (std::size_t i = 0; i < kPage; ++i) {
            damaged[page * kPage + i] = static_cast<char>(random_());
        }
        write_file(file(), damaged);
        SCOPED_TRACE(page);
        try_everything(registry_.path());
    }
}

TEST_F(DamagedPages, SomeOctetsOfEachChanged) {
    for (const std::size_t page : pages_) {
        std::string damaged = content_;
        // Most of what a page says of itself and its entries stands in front.
        for (int i = 0; i < 4; ++i) {
            damaged[page * kPage + random_() % 128] = static_cast<char>(random_());
        }
        write_file(file(), damaged);
        SCOPED_TRACE(page);
        try_everything(registry_.path());
    }
}

// Pages that stand in each other's place lead a walk back and round.
TEST_F(DamagedPages, EachInThePlaceOfAnother) {
    for (const std::size_t page : pages_) {
        std::string damaged = content_;
        const std::size_t other = pages_[random_() % pages_.size()];
        damaged.replace(page * kPage, kPage, content_, other * kPage, kPage);
        write_file(file(), damaged);
        SCOPED_TRACE(page);
        try_everything(registry_.path());
    }
}

TEST_F(DamagedPages, ThatHinderTheIndexAreToldOfByInfo) {
    bool told = false;
    for (const std::size_t page : pages_) {
        std::string damaged = content_;
        damaged.replace(page * kPage, kPage, kPage, '\x5A');
        write_file(file(), damaged);
        const auto registry = Registry::open(registry_.path(), Access::kRead);
        if (!registry || build_block_index((*registry)->parts(), {}) || !(*registry)->info()) {
            continue;
        }
        const BlockIndexKeeper keeper(**registry);
        while (!(*registry)->parts().indexes.failure()) std::this_thread::yield();
        const auto info = (*registry)->info();
        ASSERT_TRUE(info);
        told = true;
        EXPECT_THAT(info->warnings, ::testing::Contains(::testing::HasSubstr("index of blocks")));
    }
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace idnode::registry
