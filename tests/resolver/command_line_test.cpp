#include "resolver/command_line.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::resolver {
namespace {

Checked<CommandLine> parse(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    return parse_command_line(pointers);
}

TEST(CommandLine, ServesFromTheUsualFile) {
    const auto command = parse({});
    ASSERT_TRUE(command);
    EXPECT_EQ(command->action, Action::kServe);
    EXPECT_EQ(command->config_path, "/etc/idnode/idnoded.toml");
}

TEST(CommandLine, TakesOptionsInAnyOrder) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"--config", "a b.toml", "--check"}, {"--check", "--config=a b.toml"}}) {
        const auto command = parse(arguments);
        ASSERT_TRUE(command);
        EXPECT_EQ(command->action, Action::kCheck);
        EXPECT_EQ(command->config_path, "a b.toml");
    }
    EXPECT_EQ(parse({"--version"})->action, Action::kVersion);
    EXPECT_EQ(parse({"--help"})->action, Action::kHelp);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"--chek"}, "unknown argument \"--chek\""},
        {{"file"}, "unknown argument \"file\""},
        {{"--config"}, "needs the name of a file"},
        {{"--config", "a", "--config=b"}, "stands twice"},
        {{"--check", "--version"}, "does not go with"},
    };
    for (const auto& [arguments, text] : cases) {
        const auto command = parse(arguments);
        ASSERT_FALSE(command);
        EXPECT_NE(command.error().text.find(text), std::string::npos) << command.error().text;
        EXPECT_NE(command.error().remedy.find("--help"), std::string::npos);
    }
}

}  // namespace
}  // namespace idnode::resolver
