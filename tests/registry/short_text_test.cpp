#include "registry/short_text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace idnode::registry {
namespace {

// In memory of exactly its size, so that a look beside it is seen.
class Exact {
public:
    explicit Exact(std::string_view text) : octets_(text.begin(), text.end()) {}
    [[nodiscard]] std::string_view text() const { return {octets_.data(), octets_.size()}; }

private:
    std::vector<char> octets_;
};

TEST(ShortText, IsTheSameOnlyWhenAllOctetsAre) {
    for (std::size_t size = 0; size <= 40; ++size) {
        std::string text(size, ' ');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(200 + i);
        const Exact one(text);
        EXPECT_TRUE(same_text(one.text(), Exact(text).text())) << size;
        EXPECT_FALSE(same_text(one.text(), Exact(text + "x").text())) << size;
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = text;
            other[i] = static_cast<char>(other[i] ^ 0x40);
            EXPECT_FALSE(same_text(one.text(), Exact(other).text())) << size << ' ' << i;
        }
    }
}

TEST(ShortText, StartsWithWhatIsAtItsFront) {
    const std::string text = "88.118.8/SN2023A000123456";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        EXPECT_TRUE(starts_with(text, Exact(text.substr(0, size)).text())) << size;
        EXPECT_FALSE(starts_with(text, Exact(text.substr(0, size) + "?").text())) << size;
    }
}

}  // namespace
}  // namespace idnode::registry
