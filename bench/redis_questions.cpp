#include "bench/redis_questions.h"

#include <algorithm>
#include <charconv>

#include "bench/questions.h"

namespace idnode::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kLineMax = 256;  // Of an error; lengths are shorter.
constexpr std::string_view kMissing = "$-1\r\n";

// A string with its length in front.
void write_bulk(Writer& out, ByteSpan octets) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), octets.size()).ptr;
    out.text("$");
    out.text({digits.data(), static_cast<std::size_t>(end - digits.data())});
    out.text(kLineEnd);
    out.bytes(octets);
    out.text(kLineEnd);
}

// Where the octets of a bulk string begin and how many there are.
struct Bulk {
    std::size_t start;
    std::size_t size;
};

std::optional<Bulk> bulk_in(std::string_view text) {
    const std::size_t end = text.substr(0, kLineMax).find(kLineEnd);
    if (!text.starts_with('$') || end == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    const char* const stop = text.data() + end;
    const auto parsed = std::from_chars(text.data() + 1, stop, size);
    if (parsed.ec != std::errc{} || parsed.ptr != stop || size > kAnswerSizeMax) {
        return std::nullopt;
    }
    return Bulk{.start = end + kLineEnd.size(), .size = size};
}

}  // namespace

std::size_t write_redis_answer(const Item& item, MixKind kind, MutableByteSpan out) {
    std::array<std::uint8_t, kAnswerSizeMax> room;
    Writer writer(out);
    write_bulk(writer, values_of(item, kind, room));
    IDN_CHECK(writer.ok());
    return writer.position();
}

std::string redis_commands(const Mix& mix, std::uint64_t from, std::uint64_t end) {
    std::array<std::uint8_t, kAnswerSizeMax> values;
    std::array<std::uint8_t, 2 * kAnswerSizeMax> room;
    std::string text;
    MixReader reader(mix);
    Item item;
    for (std::uint64_t i = from; i < end; ++i) {
        reader.read(i, item);
        Writer out(room);
        out.text("*3\r\n$3\r\nSET\r\n");
        write_bulk(out, to_bytes(item.identifier.view()));
        write_bulk(out, values_of(item, mix.options().kind, values));
        IDN_CHECK(out.ok());
        text += to_text(out.written());
    }
    return text;
}

RedisQuestions::RedisQuestions(const Mix& mix, std::uint32_t lanes, std::uint32_t depth,
                               std::uint64_t seed)
    : Asking(mix, lanes * depth, seed, UINT32_MAX), depth_(depth), next_(lanes) {}

std::size_t RedisQuestions::first_size(ByteSpan stream) const {
    const std::string_view text = to_text(stream);
    const std::size_t line_end = text.substr(0, kLineMax).find(kLineEnd);
    if (line_end == std::string_view::npos) return text.size() < kLineMax ? 0 : text.size();
    const std::optional<Bulk> bulk = bulk_in(text);
    return bulk ? bulk->start + bulk->size + kLineEnd.size() : line_end + kLineEnd.size();
}

void RedisQuestions::write_request(Writer& out, std::uint32_t /*request_id*/, const Item& item) {
    out.text("*2\r\n$3\r\nGET\r\n");
    write_bulk(out, to_bytes(item.identifier.view()));
}

std::optional<std::uint32_t> RedisQuestions::id_in(ByteSpan /*answer*/, std::uint32_t lane) {
    std::uint32_t& next = next_[lane];
    const std::uint32_t number = lane * depth_ + next;
    next = next + 1 == depth_ ? 0 : next + 1;
    return slot(number).request_id;
}

const char* RedisQuestions::fault_in(const Slot& slot, ByteSpan answer) {
    const std::string_view text = to_text(answer);
    if (text == kMissing) return "a key that Redis does not have";
    const std::optional<Bulk> bulk = bulk_in(text);
    if (!bulk || text.size() != bulk->start + bulk->size + kLineEnd.size() ||
        !text.ends_with(kLineEnd)) {
        return "an answer of Redis other than a value";
    }
    if (!slot.sampled) return nullptr;
    std::array<std::uint8_t, kAnswerSizeMax> room;
    const std::size_t size = write_redis_answer(sample(slot), kind(), room);
    return std::ranges::equal(answer, ByteSpan(room).first(size))
               ? nullptr
               : "a value of Redis other than the one set";
}

}  // namespace idnode::bench
