// Unpacks gzip and Zstandard as the octets come.
//
// What an input is shows in its first octets, whatever its name. Members and frames that follow
// each other are one content (RFC 1952 §2.2, RFC 8878 §3). Memory is bounded: zlib's 32 KiB and
// Zstandard's default window of at most 128 MiB; a frame that wants more is refused.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace idnode::registry {

class Unpacker {
public:
    // How many octets make_unpacker() looks at.
    static constexpr std::size_t kMagicSize = 4;

    virtual ~Unpacker() = default;

    struct Step {
        std::size_t taken = 0;  // Of the packed octets;
        std::size_t given = 0;  // written into the room.
    };
    // Goes on as far as `packed` and `room` allow; nothing taken and nothing given: it needs more
    // of either. Damaged data: the reason, in the words of the library.
    virtual tl::expected<Step, std::string> unpack(std::string_view packed,
                                                   std::span<char> room) = 0;
    // The input may end here: no member or frame is open.
    [[nodiscard]] virtual bool between_parts() const = 0;
    // "gzip".
    [[nodiscard]] virtual std::string_view form() const = 0;
};

// For an input with this start (less than kMagicSize octets only when there are no more); null: it
// is not packed.
std::unique_ptr<Unpacker> make_unpacker(std::string_view start);

}  // namespace idnode::registry
