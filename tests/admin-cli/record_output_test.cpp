#include "admin-cli/record_output.h"

#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "registry/key.h"
#include "tests/registry/scratch_directory.h"

namespace idnode::cli {
namespace {

const Error kDamage{ErrorKind::kCorrupt, "checksum of a block"};

TEST(DamageText, NamesTheRange) {
    EXPECT_EQ(
        damage_text({"88.1/A", "88.1/B"}, kDamage),
        "damaged: checksum of a block; identifiers from 88.1/A to below 88.1/B may be missing");
    EXPECT_EQ(damage_text({std::string(registry::kFirstBlockKey), "88.1/B"}, kDamage),
              "damaged: checksum of a block; identifiers from the first one to below 88.1/B may be "
              "missing");
    EXPECT_EQ(
        damage_text({"88.1/A", ""}, kDamage),
        "damaged: checksum of a block; identifiers from 88.1/A to the last one may be missing");
    EXPECT_EQ(damage_text({"88.1/A", "88.1/A"}, kDamage),
              "damaged: checksum of a block; 88.1/A is left out");
    EXPECT_EQ(damage_text({"88.1/\u202EA", ""}, kDamage).find('\xE2'), std::string::npos);
}

// What bash makes of a word.
std::string read_by_shell(const std::string& word) {
    const registry::ScratchDirectory scratch;
    std::string text;
    FILE* const out = popen(("bash " + scratch.write("script", "printf %s " + word)).c_str(), "r");
    std::array<char, 256> piece{};
    for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), out)) > 0;) {
        text.append(piece.data(), n);
    }
    pclose(out);
    return text;
}

TEST(ShellWord, IsReadBackByAShell) {
    EXPECT_EQ(shell_word("88.1/SN 1"), "'88.1/SN 1'");
    EXPECT_EQ(shell_word("88.1/\u4F60"), "'88.1/\u4F60'");
    EXPECT_EQ(shell_word("88.1/o'clock"), "$'88.1/o\\'clock'");
    EXPECT_EQ(shell_word("88.1/\u202Ex"), "$'88.1/\\xe2\\x80\\xaex'");
    for (const std::string text : {"88.1/a", "88.1/a b", "88.1/'", "88.1/\\'$(x)`\"",
                                   "88.1/\u202Ex9", "88.1/\u4F60'", "88.1/$HOME"}) {
        EXPECT_EQ(read_by_shell(shell_word(text)), text);
    }
}

}  // namespace
}  // namespace idnode::cli
