#include "tests/protocol/handle/samples.h"

#include <algorithm>
#include <string_view>

#include "protocol/handle/value.h"

namespace idnode::test {

using namespace handle;

namespace {

constexpr std::size_t kFieldSizeMax = 256;

// Octets written by hand, field after field.
class Body {
public:
    Body& u8(std::uint8_t value) {
        return field([&](Writer& out) { out.u8(value); });
    }
    Body& u16(std::uint16_t value) {
        return field([&](Writer& out) { out.u16(value); });
    }
    Body& u32(std::uint32_t value) {
        return field([&](Writer& out) { out.u32(value); });
    }
    Body& u64(std::uint64_t value) {
        return field([&](Writer& out) { out.u64(value); });
    }
    Body& text(std::string_view value) {
        return field([&](Writer& out) { out.sized_text(value); });
    }
    Body& plain(std::string_view value) {
        return field([&](Writer& out) { out.text(value); });
    }
    Body& value(std::uint32_t index, std::string_view type, std::string_view data) {
        ValueView view;
        view.index = index;
        view.type = type;
        view.data = to_bytes(data);
        return field([&](Writer& out) { encode_value(out, view); });
    }
    [[nodiscard]] const Octets& octets() const { return octets_; }

private:
    template <class Write>
    Body& field(const Write& write) {
        const std::size_t size = octets_.size();
        octets_.resize(size + kFieldSizeMax);
        Writer out(MutableByteSpan(octets_).subspan(size));
        write(out);
        octets_.resize(size + out.position());
        return *this;
    }

    Octets octets_;
};

Sample request(std::string name, OperationCode operation, const Body& body,
               std::vector<std::size_t> legal_body_sizes = {}) {
    return {std::move(name),
            message_of(operation, ResponseCode::kNone, kFlagRecu | kFlagPubl, body.octets()),
            std::move(legal_body_sizes)};
}

std::vector<std::size_t> all_below(std::size_t size) {
    std::vector<std::size_t> sizes(size);
    for (std::size_t i = 0; i < size; ++i) sizes[i] = i;
    return sizes;
}

void add_administrative(std::vector<Sample>& samples) {
    using enum OperationCode;
    samples.push_back(request("delete", kDeleteHandle, Body().text("88/a")));
    samples.push_back(request("list", kListHandles, Body().text("0.NA/88")));
    samples.push_back(request("home", kHomePrefix, Body().text("0.NA/88")));
    samples.push_back(request("unhome", kUnhomePrefix, Body().text("0.NA/88")));
    samples.push_back(request("list homed", kListHomedPrefixes, Body().text("/")));
    samples.push_back(request("session end", kSessionTerminate, Body().text("/")));
    samples.push_back(request("next transaction", kGetNextTransactionId, Body().text("/")));
    samples.push_back(request("backup", kBackupServer, Body().text("/")));
    samples.push_back(
        request("create", kCreateHandle,
                Body().text("88/a").u32(2).value(1, "URL", "http://a").value(2, "EMAIL", "")));
    samples.push_back(request("create empty", kCreateHandle, Body().text("88/a").u32(0)));
    samples.push_back(
        request("add", kAddValue, Body().text("88/a").u32(1).value(3, "URL", "http://b")));
    samples.push_back(
        request("modify", kModifyValue, Body().text("88/a").u32(1).value(3, "URL", "http://c")));
    samples.push_back(request("remove", kRemoveValue, Body().text("88/a").u32(2).u32(1).u32(2)));
}

void add_authentication(std::vector<Sample>& samples) {
    using enum OperationCode;
    const std::string sha1(20, 'd');
    const std::string sha256(32, 'd');
    const std::string md5(16, 'd');
    samples.push_back(request("challenge answer", kResponseToChallenge,
                              Body().text("HS_SECKEY").text("0.NA/88").u32(300).text("signed")));
    samples.push_back(
        request("verify sha1", kVerifyChallenge,
                Body().text("0.NA/88").u32(301).text("nonce").u8(2).plain(sha1).text("answer")));
    samples.push_back(
        request("verify sha256", kVerifyChallenge,
                Body().text("0.NA/88").u32(301).text("nonce").u8(3).plain(sha256).text("answer")));
    samples.push_back(
        request("verify old form", kVerifyChallenge,
                Body().text("0.NA/88").u32(301).text("nonce").text(md5).text("answer")));
    samples.push_back(request("login", kLoginIdSystem, Body().text("88.1/ADMIN").u32(300)));
    samples.push_back(
        request("password login", kLoginPassword, Body().text("user").u32(0).u32(1).text("pass")));
    samples.push_back(request("key exchange", kSessionExchangeKey, Body().text("ciphertext")));
}

// Behind the last field of a set-up two octets without meaning follow: a body without them is
// whole.
void add_sessions(std::vector<Sample>& samples) {
    using enum OperationCode;
    const auto head = [](std::uint16_t mode) {
        return Body().u16(mode).u32(86'400).text("0.NA/88").u32(300);
    };
    constexpr std::size_t kHeadSize = 2 + 4 + 4 + 7 + 4;
    samples.push_back(request("session client key", kSessionSetup, head(1).text("key").u16(0),
                              {kHeadSize + 7, kHeadSize + 8}));
    samples.push_back(
        request("session server key", kSessionSetup, head(2).u16(0), {kHeadSize, kHeadSize + 1}));
    samples.push_back(request("session named key", kSessionSetup,
                              head(3).text("88/key").u32(5).u16(0),
                              {kHeadSize + 14, kHeadSize + 15}));
    samples.push_back(request("session dh", kSessionSetup, head(4).text("key").u16(0),
                              {kHeadSize + 7, kHeadSize + 8}));
}

void add_replication(std::vector<Sample>& samples) {
    using enum OperationCode;
    samples.push_back(request("retrieve one source", kRetrieveTransactions,
                              Body().u8(0).u64(7).u64(1'700'000'000'000).u8(2).u32(1).u32(0)));
    samples.push_back(request("retrieve all sources", kRetrieveTransactions,
                              Body().u8(1).text("{}").u8(2).u32(1).u32(0)));
    samples.push_back(request("dump", kDumpHandles, Body().u8(2).u32(1).u32(0)));
    // Without the place to go on from it is a dump from the beginning.
    samples.push_back(
        request("dump resumed", kDumpHandles, Body().u8(2).u32(1).u32(0).text("88/a").u32(2), {9}));
}

}  // namespace

void put_u32(Octets& octets, std::size_t at, std::uint32_t value) {
    Writer(MutableByteSpan(octets).subspan(at)).u32(value);
}

Octets message_of(OperationCode operation, ResponseCode code, std::uint32_t flags,
                  const Octets& body) {
    Header header;
    header.operation = operation;
    header.response_code = code;
    header.flags = flags;
    header.site_serial = 1;
    header.expiration = 1'800'000'000;
    header.body_length = static_cast<std::uint32_t>(body.size());
    Envelope envelope;
    envelope.request_id = 0x01020304;
    envelope.message_length = static_cast<std::uint32_t>(kHeaderSize + body.size() + 4);
    Octets octets(kBodyAt + body.size() + 4);
    Writer out(octets);
    encode_envelope(out, envelope);
    encode_header(out, header);
    out.bytes(body);
    out.u32(0);
    return octets;
}

std::vector<Sample> request_samples() {
    using enum OperationCode;
    std::vector<Sample> samples;
    samples.push_back(request("resolve all", kResolution, Body().text("88/a").u32(0).u32(0)));
    samples.push_back(
        request("resolve some", kResolution,
                Body().text("88/a").u32(2).u32(1).u32(5).u32(2).text("URL").text("EMAIL.")));
    samples.push_back(request("site", kGetSiteInfo, Body().text("/")));
    add_administrative(samples);
    add_authentication(samples);
    add_sessions(samples);
    add_replication(samples);
    samples.push_back(
        request("unknown", static_cast<OperationCode>(77), Body().text("88/a"), all_below(8)));
    samples.push_back(request("reserved", kReserved, Body().text("88/a"), all_below(8)));
    return samples;
}

std::vector<Sample> response_samples() {
    using enum OperationCode;
    using enum ResponseCode;
    const std::string digest = '\x03' + std::string(32, 'd');
    std::vector<Sample> samples;
    const auto add = [&](std::string name, OperationCode operation, ResponseCode code,
                         const Body& body, std::vector<std::size_t> legal = {},
                         std::uint32_t flags = kFlagRecu) {
        samples.push_back(
            {std::move(name), message_of(operation, code, flags, body.octets()), std::move(legal)});
    };
    add("resolution", kResolution, kSuccess,
        Body().text("88/a").u32(1).value(1, "URL", "http://a"));
    add("resolution with digest", kResolution, kSuccess,
        Body().plain(digest).text("88/a").u32(1).value(1, "URL", "http://a"), {},
        kFlagRecu | kFlagRrdg);
    add("site", kGetSiteInfo, kSuccess, Body().plain("any record"), all_below(10));
    add("create", kCreateHandle, kSuccess, Body().text("88/a"), {0});
    add("delete", kDeleteHandle, kSuccess, Body());
    add("list", kListHandles, kSuccess, Body().u32(2).text("88/A").text("88/B"));
    add("list homed", kListHomedPrefixes, kSuccess, Body().u32(1).text("0.NA/88"));
    add("verify", kVerifyChallenge, kSuccess, Body().u8(1));
    add("next transaction", kGetNextTransactionId, kSuccess, Body().u64(9));
    add("session", kSessionSetup, kSuccess, Body().u16(4).text("key").u16(0), {9, 10});
    add("retrieve", kRetrieveTransactions, kSuccess, Body().u8(0));
    add("dump", kDumpHandles, kSuccess, Body());
    add("login", kLoginIdSystem, kSuccess, Body().plain(digest), {}, kFlagRrdg);
    add("password login", kLoginPassword, kSuccess, Body().text("user").u32(0));
    add("challenge", kCreateHandle, kAuthenticationNeeded, Body().plain(digest).text("nonce"), {},
        kFlagRrdg);
    add("old challenge", kCreateHandle, kAuthenticationNeeded,
        Body().text("nonce").text("0123456789abcdef"));
    // A referral may be silent, name an identifier, or hold values.
    add("referral", kResolution, kPrefixReferral,
        Body().text("").u32(1).value(1, "HS_SERV", "0.NA/1"), {0, 4});
    add("service referral", kResolution, kServiceReferral, Body().text("0.NA/1"), {0});
    add("error", kResolution, kHandleNotFound, Body().text("text"), {0});
    add("error with digest", kResolution, kError, Body().plain(digest).text("text"), {33},
        kFlagRrdg);
    add("unknown", static_cast<OperationCode>(77), kSuccess, Body().text("88/a"), all_below(8));
    return samples;
}

std::size_t body_size_of(const Octets& message) {
    Reader in(ByteSpan(message).subspan(kBodyLengthAt));
    return in.u32();
}

Octets with_body_size(const Octets& message, std::size_t size) {
    Octets shorter(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(kBodyAt + size));
    shorter.insert(shorter.end(), 4, 0);
    put_u32(shorter, kBodyLengthAt, static_cast<std::uint32_t>(size));
    put_u32(shorter, kMessageLengthAt, static_cast<std::uint32_t>(kHeaderSize + size + 4));
    return shorter;
}

Octets cut_at(const Octets& message, std::size_t size) {
    Octets shorter(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    put_u32(shorter, kMessageLengthAt, static_cast<std::uint32_t>(size - kEnvelopeSize));
    return shorter;
}

}  // namespace idnode::test
