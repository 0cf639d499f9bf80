#include "registry/standard_descriptors.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace idnode::registry {
namespace {

bool is_null_device(int descriptor) {
    struct stat status {};
    struct stat null {};
    return fstat(descriptor, &status) == 0 && stat("/dev/null", &null) == 0 &&
           status.st_rdev == null.st_rdev;
}

// What a process with these descriptors closed gives, from 0 when all is well.
int code_of_child(const std::vector<int>& closed) {
    for (const int descriptor : closed) close(descriptor);
    if (!open_standard_descriptors()) return 1;
    for (const int descriptor : closed) {
        if (!is_null_device(descriptor)) return 2;
    }
    const int next = open("/dev/null", O_RDONLY);
    return next > STDERR_FILENO ? 0 : 3;
}

TEST(StandardDescriptors, OpensThoseThatAreClosed) {
    const std::vector<std::vector<int>> cases = {{}, {0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}};
    for (const std::vector<int>& closed : cases) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) _exit(code_of_child(closed));
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0) << closed.size();
    }
}

TEST(StandardDescriptors, LeavesOpenOnesAsTheyAre) {
    struct stat before {};
    struct stat after {};
    ASSERT_EQ(fstat(STDOUT_FILENO, &before), 0);
    EXPECT_TRUE(open_standard_descriptors());
    ASSERT_EQ(fstat(STDOUT_FILENO, &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_dev, after.st_dev);
}

}  // namespace
}  // namespace idnode::registry
