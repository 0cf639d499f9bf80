#include "registry/unpacker.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "registry/input_file.h"
#include "tests/registry/packed.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

using ::testing::HasSubstr;

// What is read of a file with this content, or the words of the problem.
std::string read_back(std::string_view stored, std::size_t room_size = 262'144) {
    const ScratchDirectory scratch;
    auto file = InputFile::open(scratch.write("rows.csv", stored));
    EXPECT_TRUE(file.has_value());
    std::string content;
    std::vector<char> room(room_size);
    while (true) {
        const auto count = file->read(room);
        if (!count) return count.error().text;
        content.append(room.data(), *count);
        if (*count < room.size()) return content;
    }
}

std::string sample(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * i) + ",x\n";
    text.resize(size);
    return text;
}

TEST(Unpacker, KnowsWhatIsPackedByItsContent) {
    EXPECT_EQ(make_unpacker(gzip_of("a"))->form(), "gzip");
    EXPECT_EQ(make_unpacker(zstd_of("a"))->form(), "zstd");
    EXPECT_EQ(make_unpacker("\x5F\x2A\x4D\x18")->form(), "zstd");
    EXPECT_EQ(make_unpacker("id,n"), nullptr);
    EXPECT_EQ(make_unpacker("\x1F\x8B\x09\x00"), nullptr);
    EXPECT_EQ(make_unpacker(""), nullptr);
}

TEST(Unpacker, GivesTheContentBackWhateverTheRoom) {
    const std::string content = sample(3'000);
    for (const std::string& packed : {gzip_of(content), zstd_of(content), content}) {
        for (std::size_t room = 1; room < 40; ++room) EXPECT_EQ(read_back(packed, room), content);
        for (std::size_t room = 2'995; room < 3'005; ++room) {
            EXPECT_EQ(read_back(packed, room), content) << room;
        }
    }
    const std::string large = sample(5'000'000);
    EXPECT_TRUE(read_back(gzip_of(large)) == large);
    EXPECT_TRUE(read_back(zstd_of(large)) == large);
}

TEST(Unpacker, TakesMembersAndFramesThatFollowEachOther) {
    EXPECT_EQ(read_back(gzip_of("one\n") + gzip_of("") + gzip_of("two")), "one\ntwo");
    const std::string skipped("\x50\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
    EXPECT_EQ(read_back(zstd_of("one\n") + skipped + zstd_of("") + zstd_of("two")), "one\ntwo");
    EXPECT_EQ(read_back(skipped + zstd_of("one")), "one");
}

TEST(Unpacker, SaysThatTheInputIsCutShort) {
    const std::string content = sample(200);
    for (const std::string& one : {gzip_of(content), zstd_of(content)}) {
        const std::string packed = one + one;
        for (std::size_t size = Unpacker::kMagicSize; size < packed.size(); ++size) {
            const std::string told = read_back(std::string_view(packed).substr(0, size));
            if (size == one.size()) {
                EXPECT_EQ(told, content);
            } else {
                EXPECT_THAT(told, HasSubstr("is cut short: the")) << size;
            }
        }
    }
}

TEST(Unpacker, NeverGivesOtherContentOfDamagedData) {
    const std::string content = sample(900);
    for (std::string packed : {gzip_of(content), zstd_of(content)}) {
        EXPECT_THAT(read_back(packed + "garbage behind"), HasSubstr("data are damaged ("));
        std::size_t damaged = 0;
        for (std::size_t at = Unpacker::kMagicSize; at < packed.size(); ++at) {
            packed[at] = static_cast<char>(packed[at] ^ 0x10);
            // Some bits, such as the time in gzip's head, mean nothing to the content.
            const std::string told = read_back(packed, 4'096);
            const bool is_told = told.starts_with("the ") || told.starts_with("is cut short");
            EXPECT_TRUE(is_told || told == content) << at;
            damaged += is_told ? 1U : 0U;
            packed[at] = static_cast<char>(packed[at] ^ 0x10);
        }
        EXPECT_GT(damaged, packed.size() - 20);
    }
}

TEST(Unpacker, RefusesAFrameThatWantsTooMuchMemory) {
    // No content size, a window of 2^31 octets, one empty last block.
    const std::string frame("\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00", 9);
    EXPECT_THAT(read_back(frame), HasSubstr("memory"));
}

TEST(Unpacker, ReadsAPackedPipe) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::string packed = zstd_of("one\ntwo");
    ASSERT_EQ(::write(ends[1], packed.data(), packed.size()), ssize_t(packed.size()));
    ::close(ends[1]);
    InputFile file(ends[0], "a pipe");
    std::vector<char> room(100);
    const auto count = file.read(room);
    ASSERT_TRUE(count.has_value());
    EXPECT_EQ(std::string(room.data(), *count), "one\ntwo");
    EXPECT_FALSE(file.is_seekable());
}

TEST(Unpacker, KnowsNoSizeOfWhatIsPacked) {
    const ScratchDirectory scratch;
    EXPECT_FALSE(InputFile::open(scratch.write("a.gz", gzip_of("x")))->size().has_value());
    const auto plain = InputFile::open(scratch.write("b.gz", "not packed"));
    EXPECT_EQ(plain->size(), 10U);
    EXPECT_TRUE(plain->is_seekable());
}

}  // namespace
}  // namespace idnode::registry
