#include "protocol/handle/record_scan.h"

#include <cstring>
#include <limits>

#include "protocol/core/identifier.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/timestamp.h"

namespace idnode::handle {

namespace {

constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

// Which octets occur; a bit of kHighBits in each word where there is one.
struct Octets {
    std::uint64_t barred = 0;     // Control characters and backslashes.
    std::uint64_t not_ascii = 0;  // Beyond 0x7F.

    void look(std::uint64_t word) {
        const std::uint64_t slash = word ^ kOnes * '\\';
        barred |= ((word - kOnes * 0x20) & ~word) | ((slash - kOnes) & ~slash);
        not_ascii |= word;
    }
};

// No string in it has an escape, and none is what JSON forbids.
bool is_plain(std::string_view document) {
    Octets octets;
    std::size_t at = 0;
    for (; at + 8 <= document.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, document.data() + at, sizeof word);
        octets.look(word);
    }
    std::uint64_t rest = kOnes * ' ';
    std::memcpy(&rest, document.data() + at, document.size() - at);
    octets.look(rest);
    if ((octets.barred & kHighBits) != 0) return false;
    return (octets.not_ascii & kHighBits) == 0 || is_utf8(document);
}

}  // namespace

template <std::size_t kSize>
bool RecordScan::take(const char (&literal)[kSize]) {
    // What matches beyond the end is found out by whoever compares with it next.
    static_assert(kSize - 1 <= kJsonPadding);
    if (at_ > end_ || std::memcmp(at_, literal, kSize - 1) != 0) return false;
    at_ += kSize - 1;
    return true;
}

// What is left of a string behind its opening quote.
bool RecordScan::take_string(std::string_view& text) {
    if (at_ >= end_) return false;
    const auto* const quote =
        static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
    if (quote == nullptr) return false;
    text = {at_, static_cast<std::size_t>(quote - at_)};
    at_ = quote + 1;
    return true;
}

bool RecordScan::take_number(std::uint32_t& number) {
    constexpr std::ptrdiff_t kDigitCountMax = 10;
    const char* const begin = at_;
    std::uint64_t wide = 0;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < kDigitCountMax) {
        wide = wide * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    }
    number = static_cast<std::uint32_t>(wide);
    const bool leading_zero = at_ - begin > 1 && *begin == '0';
    return at_ > begin && !leading_zero && wide <= std::numeric_limits<std::uint32_t>::max();
}

bool RecordScan::take_permissions(std::uint8_t& permissions) {
    std::string_view digits;
    if (!take_string(digits) || digits.empty() || digits.size() > 8) return false;
    unsigned bits = 0;
    for (const char digit : digits) {
        if (digit != '0' && digit != '1') return false;
        bits = bits << 1 | static_cast<unsigned>(digit - '0');
    }
    permissions = static_cast<std::uint8_t>(bits);
    return true;
}

// The values of a record, and those of its neighbours, mostly share one.
bool RecordScan::take_time(std::uint32_t& seconds) {
    std::string_view text;
    if (!take_string(text)) return false;
    if (text != last_time_text_) {
        const auto parsed = parse_timestamp(text);
        if (!parsed) return false;
        last_time_text_ = text;
        last_time_ = *parsed;
    }
    seconds = last_time_;
    return true;
}

bool RecordScan::scan_value(std::uint32_t default_timestamp, const Into& into) {
    ValueView& value = into.values.emplace_back();
    std::string_view data;
    value.timestamp = default_timestamp;
    if (!take("{\"index\":") || !take_number(value.index)) return false;
    if (!take(R"(,"type":")") || !take_string(value.type)) return false;
    if (!take(R"(,"data":{"format":"string","value":")") || !take_string(data)) return false;
    if (!take("}")) return false;
    value.data = to_bytes(data);
    if (take(R"(,"permissions":")") && !take_permissions(value.permissions)) return false;
    if (take(",\"ttl\":") && !take_number(value.ttl)) return false;
    const bool has_time = take(R"(,"timestamp":")");
    if (has_time && !take_time(value.timestamp)) return false;
    into.timestamp_given.push_back(has_time ? 1 : 0);
    return take("}");
}

bool RecordScan::scan(std::string_view document, std::uint32_t default_timestamp,
                      const Into& into) {
    at_ = document.data();
    end_ = at_ + document.size();
    if (!take(R"({"handle":")") || !is_plain(document)) return false;
    if (!take_string(into.handle) || !take(",\"values\":[")) return false;
    if (!take("]")) {
        do {
            if (!scan_value(default_timestamp, into)) return false;
        } while (take(","));
        if (!take("]")) return false;
    }
    return take("}") && at_ == end_;
}

}  // namespace idnode::handle
