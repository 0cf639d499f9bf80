#include "admin-cli/command_line.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin-cli/commands.h"

namespace idnode::cli {
namespace {

using testing::HasSubstr;

// A command that keeps what it was given.
class Recorder final : public Command {
public:
    Recorder() : Command("record", "Keep the options", "idnode record x --text=y") {}

    std::vector<Option> options() override {
        return {{.names = "id", .help = "By place", .target = &id, .required = true},
                {.names = "--text", .help = "A text", .target = &text},
                {.names = "--more", .help = "Texts", .target = &more},
                {.names = "--flag", .help = "A flag", .target = &flag},
                {.names = "--size", .help = "A size", .target = &size, .as_size = true},
                {.names = "--count",
                 .help = "A number",
                 .target = &count,
                 .minimum = 2,
                 .maximum = 300},
                {.names = "--room",
                 .help = "A bounded size",
                 .target = &room,
                 .as_size = true,
                 .maximum = 2U << 20},
                {.names = "--choice",
                 .help = "One of two",
                 .target = &text,
                 .choices = {"one", "two"}}};
    }
    ExitCode run() override {
        ++runs;
        return ExitCode::kNegative;
    }

    std::string id;
    std::string text;
    std::vector<std::string> more;
    bool flag = false;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
    std::uint64_t room = 0;
    int runs = 0;
};

class Group final : public Command {
public:
    explicit Group(Command& verb)
        : Command("group", "Verbs", "idnode group record x"), verb_(verb) {}
    std::vector<Command*> verbs() override { return {&verb_}; }

private:
    Command& verb_;
};

class CommandLine : public testing::Test {
protected:
    ExitCode run(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "idnode");
        testing::internal::CaptureStderr();
        testing::internal::CaptureStdout();
        std::array<Command*, 2> commands = {&recorder_, &group_};
        const ExitCode code =
            run_command_line(commands, static_cast<int>(arguments.size()), arguments.data());
        output_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return code;
    }

    Recorder recorder_;
    Group group_{recorder_};
    std::string output_;
    std::string errors_;
};

TEST_F(CommandLine, HandsOptionsToTheCommandAndItsCodeToTheShell) {
    EXPECT_EQ(run({"record", "--more", "a", "88.1/x", "--more", "b", "--flag", "--size", "2M",
                   "--text=t=u"}),
              ExitCode::kNegative);
    EXPECT_EQ(recorder_.runs, 1);
    EXPECT_EQ(recorder_.id, "88.1/x");
    EXPECT_EQ(recorder_.text, "t=u");
    EXPECT_THAT(recorder_.more, testing::ElementsAre("a", "b"));
    EXPECT_TRUE(recorder_.flag);
    EXPECT_EQ(recorder_.size, 2U << 20);
}

TEST_F(CommandLine, ReachesAVerbBelowAGroup) {
    EXPECT_EQ(run({"group", "record", "x"}), ExitCode::kNegative);
    EXPECT_EQ(recorder_.runs, 1);
}

TEST_F(CommandLine, SuggestsTheNearestCommandVerbAndOption) {
    EXPECT_EQ(run({"recrod", "x"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("unknown command \"recrod\"; did you mean \"record\"?"));
    EXPECT_EQ(run({"group", "recor"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("did you mean \"record\"?"));
    EXPECT_EQ(run({"record", "x", "--flga"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("unknown option \"--flga\"; did you mean \"--flag\"?"));
    EXPECT_EQ(run({"record", "x", "--sise=3"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("did you mean \"--size\"?"));
    EXPECT_EQ(recorder_.runs, 0);
}

TEST_F(CommandLine, SuggestsNothingWhenNothingIsNear) {
    EXPECT_EQ(run({"xylophone"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("unknown command \"xylophone\""));
    EXPECT_THAT(errors_, testing::Not(HasSubstr("did you mean")));
}

TEST_F(CommandLine, RefusesWhatIsMissingOrNotAllowed) {
    EXPECT_EQ(run({}), ExitCode::kUsage);
    EXPECT_EQ(run({"group"}), ExitCode::kUsage);
    EXPECT_EQ(run({"record"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("id"));
    EXPECT_EQ(run({"record", "x", "--size", "many"}), ExitCode::kUsage);
    EXPECT_EQ(run({"record", "x", "--choice", "three"}), ExitCode::kUsage);
    EXPECT_EQ(run({"record", "x", "y"}), ExitCode::kUsage);
    EXPECT_EQ(recorder_.runs, 0);
}

TEST_F(CommandLine, RefusesNumbersThatAreNoneOrOutOfRange) {
    for (const char* bad :
         {"-1", "+1", "1.5", "0x10", "", " 1", "1 ", "99999999999999999999", "1K"}) {
        EXPECT_EQ(run({"record", "x", "--count", bad}), ExitCode::kUsage) << bad;
        EXPECT_THAT(errors_, HasSubstr("--count")) << bad;
    }
    for (const char* bad : {"-1", "-1M", "M", "", "1.5G", "12Q", "99999999999999999T"}) {
        EXPECT_EQ(run({"record", "x", "--size", bad}), ExitCode::kUsage) << bad;
    }
    EXPECT_EQ(run({"record", "x", "--count", "1"}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("--count: 1 is out of range: 2 to 300"));
    EXPECT_EQ(run({"record", "x", "--count", "301"}), ExitCode::kUsage);
    EXPECT_EQ(run({"record", "x", "--room", "2049K"}), ExitCode::kUsage);
    EXPECT_EQ(recorder_.runs, 0);
    run({"record", "x", "--count", "2", "--room", "2M", "--size", "3g"});
    EXPECT_EQ(recorder_.runs, 1);
    EXPECT_EQ(recorder_.count, 2U);
    EXPECT_EQ(recorder_.room, 2U << 20);
    EXPECT_EQ(recorder_.size, 3ULL << 30);
    run({"record", "x", "--count=0300"});
    EXPECT_EQ(recorder_.count, 300U);
}

TEST_F(CommandLine, RefusesEmptyTexts) {
    EXPECT_EQ(run({"record", "x", "--text", ""}), ExitCode::kUsage);
    EXPECT_THAT(errors_, HasSubstr("--text: is empty"));
    EXPECT_EQ(run({"record", "x", "--text="}), ExitCode::kUsage);
    EXPECT_EQ(run({"record", ""}), ExitCode::kUsage);
    EXPECT_EQ(recorder_.runs, 0);
}

TEST_F(CommandLine, HelpsOnStdoutWithAnExample) {
    EXPECT_EQ(run({"record", "--help"}), ExitCode::kDone);
    EXPECT_THAT(output_, HasSubstr("idnode record x --text=y"));
    EXPECT_EQ(run({"--version"}), ExitCode::kDone);
    EXPECT_THAT(output_, HasSubstr("idnode 0."));
}

TEST(Commands, AllHaveASummaryAnExampleThatNamesThemAndDescribedOptions) {
    const auto check = [](Command& command, const std::string& path, const auto& self) -> void {
        SCOPED_TRACE(path);
        EXPECT_FALSE(command.summary().empty());
        EXPECT_THAT(command.example(),
                    testing::StartsWith("idnode " + path.substr(0, path.find(' '))));
        for (const Option& option : command.options())
            EXPECT_FALSE(option.help.empty()) << option.names;
        for (Command* verb : command.verbs()) self(*verb, path + " " + verb->name(), self);
    };
    const auto commands = all_commands();
    EXPECT_EQ(commands.size(), 12U);
    for (const auto& command : commands) check(*command, command->name(), check);
}

}  // namespace
}  // namespace idnode::cli
