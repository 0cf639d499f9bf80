#include "bench/dns_questions.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/questions.h"

namespace idnode::bench {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kStringMax = 255;  // Of a TXT record.
constexpr std::size_t kPiece = 1 << 20;
constexpr std::uint16_t kAuthoritativeAnswer = 0x8400;
constexpr std::uint16_t kNameOfQuestion = 0xC00C;  // A pointer.
constexpr std::uint16_t kTxt = 16;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint32_t kTtl = 86'400;

void write_header(Writer& out, std::uint16_t id, std::uint16_t flags, std::uint16_t answers) {
    out.u16(id);
    out.u16(flags);
    out.u16(1);  // Questions.
    out.u16(answers);
    out.u16(0);  // Authority.
    out.u16(0);  // Additional.
}

// Gives the labels of an item's name, the last one of the prefix first behind the suffix.
template <class Take>
void each_label(const Item& item, const Take& take) {
    take(item.suffix());
    std::string_view rest = item.prefix();
    for (std::size_t dot = rest.rfind('.'); dot != std::string_view::npos; dot = rest.rfind('.')) {
        take(rest.substr(dot + 1));
        rest = rest.substr(0, dot);
    }
    take(rest);
}

void write_question(Writer& out, const Item& item) {
    each_label(item, [&](std::string_view label) {
        IDN_CHECK(!label.empty() && label.size() <= kLabelMax);
        out.u8(static_cast<std::uint8_t>(label.size()));
        out.text(label);
    });
    out.u8(0);
    out.u16(kTxt);
    out.u16(kInternet);
}

// What stands in front of the length of the record's data.
void write_record_head(Writer& out) {
    out.u16(kNameOfQuestion);
    out.u16(kTxt);
    out.u16(kInternet);
    out.u32(kTtl);
}

// Gives `values` in the strings of a TXT record.
template <class Take>
void each_string(ByteSpan values, const Take& take) {
    for (std::size_t at = 0; at < values.size(); at += kStringMax) {
        take(values.subspan(at, std::min(kStringMax, values.size() - at)));
    }
}

bool is_plain(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

void append_escaped(ByteSpan octets, std::string& out) {
    for (const std::uint8_t octet : octets) {
        if (is_plain(octet)) {
            out += static_cast<char>(octet);
            continue;
        }
        out += '\\';
        const std::size_t at = out.size();
        out.resize(at + 3);
        write_decimal(out.data() + at, octet, 3);
    }
}

void append_record(const Item& item, MixKind kind, std::string& out) {
    std::array<std::uint8_t, kAnswerSizeMax> room;
    each_label(item, [&](std::string_view label) {
        append_escaped(to_bytes(label), out);
        out += '.';
    });
    out += " TXT";
    each_string(values_of(item, kind, room), [&](ByteSpan string) {
        out += " \"";
        append_escaped(string, out);
        out += '"';
    });
    out += '\n';
}

bool same(ByteSpan a, ByteSpan b) { return std::ranges::equal(a, b); }

}  // namespace

std::size_t write_dns_answer(const Item& item, MixKind kind, MutableByteSpan out) {
    Writer writer(out);
    write_header(writer, 0, kAuthoritativeAnswer, 1);
    write_question(writer, item);
    write_record_head(writer);
    std::array<std::uint8_t, kAnswerSizeMax> room;
    const ByteSpan values = values_of(item, kind, room);
    const std::size_t strings = (values.size() + kStringMax - 1) / kStringMax;
    writer.u16(static_cast<std::uint16_t>(values.size() + strings));
    each_string(values, [&](ByteSpan string) {
        writer.u8(static_cast<std::uint8_t>(string.size()));
        writer.bytes(string);
    });
    IDN_CHECK(writer.ok());
    return writer.position();
}

bool write_zone(const Mix& mix, const RowSink& sink) {
    std::string text = fmt::format(
        "$TTL {0}\n{1} SOA ns.{1} nobody.{1} 1 3600 600 86400 3600\n{1} NS ns.{1}\n"
        "ns.{1} A 127.0.0.1\n",
        kTtl, kZone);
    MixReader reader(mix);
    Item item;
    for (std::uint64_t i = 0; i < mix.count(); ++i) {
        reader.read(i, item);
        append_record(item, mix.options().kind, text);
        if (text.size() < kPiece) continue;
        if (!sink(text)) return false;
        text.clear();
    }
    return sink(text);
}

DnsQuestions::DnsQuestions(const Mix& mix, std::uint32_t slots, std::uint64_t seed)
    : Asking(mix, slots, seed, UINT16_MAX) {}

std::size_t DnsQuestions::first_size(ByteSpan stream) const { return stream.size(); }

void DnsQuestions::write_request(Writer& out, std::uint32_t request_id, const Item& item) {
    write_header(out, static_cast<std::uint16_t>(request_id), 0, 0);
    write_question(out, item);
}

std::optional<std::uint32_t> DnsQuestions::id_in(ByteSpan answer, std::uint32_t /*lane*/) {
    if (answer.size() < kHeader) return std::nullopt;
    return Reader(answer).u16();
}

const char* DnsQuestions::fault_in(const Slot& slot, ByteSpan answer) {
    std::array<std::uint8_t, kRequestSizeMax> room;
    Writer expected(room);
    write_header(expected, static_cast<std::uint16_t>(slot.request_id), kAuthoritativeAnswer, 1);
    if (!same(answer.first(kHeader), expected.written())) return "a DNS answer with an error";
    const std::size_t question_end = slot.request_size;
    if (answer.size() < question_end) return "a DNS answer without its question";
    const ByteSpan question = ByteSpan(slot.request).first(question_end).subspan(kHeader);
    if (!same(answer.subspan(kHeader, question.size()), question)) return "another DNS question";
    expected.rewind(0);
    write_record_head(expected);
    Reader record(answer.subspan(question_end));
    if (!same(record.bytes(expected.position()), expected.written())) return "another DNS record";
    const std::uint16_t length = record.u16();
    if (!record.ok() || length != record.remaining()) return "a DNS record of wrong length";
    if (!slot.sampled) return nullptr;
    std::array<std::uint8_t, kAnswerSizeMax> whole;
    const std::size_t size = write_dns_answer(sample(slot), kind(), whole);
    return same(answer.subspan(2), ByteSpan(whole).first(size).subspan(2))
               ? nullptr
               : "a DNS record other than the one registered";
}

}  // namespace idnode::bench
