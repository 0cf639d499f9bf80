#include "admin-cli/node_settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace idnode::cli {
namespace {

class NodeSettings : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::path(testing::TempDir()) / "settings-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string file(const std::string& text) {
        std::string path = directory_ + "/idnoded.toml";
        std::ofstream(path) << text;
        return path;
    }

    std::string directory_;
};

TEST_F(NodeSettings, PreferTheDirectoryGiven) {
    EXPECT_EQ(registry_directory("/given", file("[registry]\npath = \"/other\"\n")), "/given");
}

TEST_F(NodeSettings, TakeThePathOfTheConfiguration) {
    EXPECT_EQ(registry_directory("", file("[registry]\npath = \"/srv/注册\"\n")), "/srv/注册");
    EXPECT_EQ(registry_directory("", file("[listen]\nudp = []\n")), kRegistryDefault);
}

TEST_F(NodeSettings, NameFileAndLineOfWhatIsWrong) {
    const std::string path = file("[registry]\npath = \n");
    const Checked<std::string> directory = registry_directory("", path);
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().file, path);
    EXPECT_EQ(directory.error().line, 2U);
    EXPECT_FALSE(registry_directory("", directory_ + "/absent.toml"));
}

}  // namespace
}  // namespace idnode::cli
