#include "registry/whole_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/registry/scratch_directory.h"

namespace idnode::registry {
namespace {

TEST(WholeFile, GivesWhatIsThere) {
    const ScratchDirectory directory;
    for (const std::size_t size : {0UL, 1UL, 65'535UL, 65'536UL, 65'537UL, kWholeFileSizeMax}) {
        const std::string content(size, 'x');
        const auto text = read_whole_file(directory.write("file", content));
        ASSERT_TRUE(text) << size;
        EXPECT_TRUE(*text == content) << size;
    }
}

TEST(WholeFile, RefusesWhatCannotBeReadWithItsReason) {
    const ScratchDirectory directory;
    EXPECT_EQ(read_whole_file(directory.path()).error().code, EISDIR);
    EXPECT_EQ(read_whole_file(directory.path("absent")).error().code, ENOENT);
    const std::string long_file = directory.write("long", std::string(kWholeFileSizeMax + 1, 'x'));
    EXPECT_EQ(read_whole_file(long_file).error().code, EFBIG);
    EXPECT_EQ(read_whole_file("/dev/zero").error().code, EFBIG);
    EXPECT_EQ(read_whole_file(-1).error().code, EBADF);
}

TEST(WholeFile, ReadsAPipeToItsEnd) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const std::string content(300'000, 'p');
    std::thread writer([&] {
        std::size_t written = 0;
        while (written < content.size()) {
            const ssize_t size = write(ends[1], content.data() + written, content.size() - written);
            if (size <= 0) break;
            written += static_cast<std::size_t>(size);
        }
        close(ends[1]);
    });
    const auto text = read_whole_file(ends[0]);
    writer.join();
    close(ends[0]);
    ASSERT_TRUE(text);
    EXPECT_TRUE(*text == content);
}

}  // namespace
}  // namespace idnode::registry
