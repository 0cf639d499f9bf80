#include "admin-cli/node_settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
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

TEST_F(NodeSettings, TakeNoDefaultForWhatIsMisspelt) {
    const auto refused = [&](const std::string& text) {
        const Checked<std::string> directory = registry_directory("", file(text));
        return directory ? "taken: " + *directory : directory.error().to_string();
    };
    EXPECT_THAT(refused("[registri]\npath = \"e\"\n"),
                testing::HasSubstr(":1:2: \"registri\" is not known; did you mean \"registry\"?"));
    EXPECT_THAT(refused("[registry]\npaht = \"e\"\n"),
                testing::HasSubstr(":2:1: \"paht\" is not known; did you mean \"path\"?"));
    EXPECT_THAT(refused("[registry]\npath = 5\n"), testing::HasSubstr("a text in quotes"));
    EXPECT_THAT(refused("registry = 5\n"), testing::HasSubstr("must be a table"));
    const Checked<std::string> of_directory = registry_directory("", directory_);
    ASSERT_FALSE(of_directory);
    EXPECT_THAT(of_directory.error().to_string(), testing::HasSubstr("is a directory"));
}

}  // namespace
}  // namespace idnode::cli
