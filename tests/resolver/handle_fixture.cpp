#include "tests/resolver/handle_fixture.h"

#include <cstdlib>

#include "protocol/core/identifier.h"
#include "registry/own_values.h"
#include "registry/writer.h"

namespace idnode::resolver {

namespace {

constexpr std::uint32_t kTime = 1'700'000'000;

// Version written and suggested, by which the server knows a client's family.
void set_version(handle::Envelope& envelope, ClientFamily family) {
    envelope.minor_version = family == ClientFamily::kCaict       ? 3
                             : family == ClientFamily::kIdPointer ? 10
                                                                  : 11;
    envelope.suggested_minor = family == ClientFamily::kCaict ? 10 : 11;
}

}  // namespace

std::string Reply::text() const {
    const auto* error = std::get_if<handle::ErrorBody>(&response.body);
    return error == nullptr ? std::string() : std::string(error->text);
}

std::vector<std::uint32_t> Reply::indexes() const {
    std::vector<std::uint32_t> found;
    const auto* body = std::get_if<handle::ResolutionBody>(&response.body);
    if (body == nullptr) return found;
    for (const handle::ValueView& value : body->values) found.push_back(value.index);
    return found;
}

void HandleServiceTest::SetUp() {
    std::string name = (std::filesystem::path(testing::TempDir()) / "handle-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    auto made = registry::Registry::init(directory_ + "/registry");
    ASSERT_TRUE(made) << made.error().to_string();
    registry_ = std::move(*made);
    auto writer = registry::Writer::begin(*registry_, registry::Origin::kCommand);
    ASSERT_TRUE(writer);
    for (const char* prefix : {"88.118.8", "88.500", "88.600", "88.700", "88.800"}) {
        ASSERT_TRUE(writer->add_prefix(prefix));
    }
    ASSERT_TRUE(writer->set_homed("88.600", false));
    ASSERT_TRUE(writer->remove_prefix("88.700", "gone"));
    ASSERT_TRUE(std::move(*writer).commit());
    auto log = Log::open({.level = LogLevel::kInfo, .file = directory_ + "/log"});
    ASSERT_TRUE(log);
    log_.emplace(std::move(*log));
    service_ = std::make_unique<HandleService>(HandleService::Parts{*registry_, stats_, *log_},
                                               SiteRecord{std::string("site octets"), 3, true},
                                               ListenConfig{});
}

void HandleServiceTest::TearDown() {
    service_.reset();
    registry_.reset();
    log_.reset();
    std::filesystem::remove_all(directory_);
}

void HandleServiceTest::put(std::string_view identifier, const std::vector<TestValue>& values) {
    std::vector<handle::ValueView> views;
    for (const TestValue& value : values) {
        handle::ValueView& view = views.emplace_back();
        view.index = value.index;
        view.timestamp = kTime;
        view.type = value.type;
        view.data = to_bytes(value.data);
        view.permissions = value.permissions;
    }
    std::string own;
    registry::encode_own_values(views, kTime, own);
    const FoldedIdentifier folded(identifier);
    registry::Change change;
    change.record = {folded.text(), {identifier, kTime, {}, {}, to_bytes(own)}};
    auto writer = registry::Writer::begin(*registry_, registry::Origin::kCommand);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->apply({&change, 1}));
    ASSERT_TRUE(std::move(*writer).commit());
    ASSERT_EQ(change.outcome, registry::ChangeOutcome::kAdded);
}

void HandleServiceTest::suspend(std::string_view prefix, std::string_view reason) {
    set_state(prefix, registry::PrefixState::kSuspended, reason);
}

void HandleServiceTest::resume(std::string_view prefix) {
    set_state(prefix, registry::PrefixState::kActive, {});
}

void HandleServiceTest::set_state(std::string_view prefix, registry::PrefixState state,
                                  std::string_view reason) {
    auto writer = registry::Writer::begin(*registry_, registry::Origin::kCommand);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->set_prefix_state(prefix, state, reason));
    ASSERT_TRUE(std::move(*writer).commit());
}

std::vector<std::uint8_t> HandleServiceTest::request_of(const Ask& ask) const {
    std::vector<std::uint8_t> lists(65'536);
    Writer list_out(lists);
    handle::IndexList::encode_items(list_out, ask.indexes);
    handle::TypeList::encode_items(list_out, ask.types);
    Reader list_in(list_out.written());
    handle::Envelope envelope;
    set_version(envelope, ask.family);
    envelope.request_id = kRequestId;
    envelope.session_id = ask.session_id;
    handle::Request request;
    request.header.operation = ask.operation;
    request.header.flags = ask.flags;
    if (ask.operation == handle::OperationCode::kResolution) {
        handle::ResolutionRequest body;
        body.identifier = ask.identifier;
        body.indexes = handle::IndexList::decode(list_in);
        body.types = handle::TypeList::decode(list_in);
        request.body = body;
    } else {
        request.body = handle::IdentifierRequest{ask.identifier};
    }
    std::vector<std::uint8_t> octets(kMessageSizeMax);
    Writer out(octets);
    handle::encode_request(out, envelope, request);
    EXPECT_TRUE(out.ok());
    octets.resize(out.position());
    return octets;
}

Reply HandleServiceTest::answer(Exchange exchange, std::size_t room) {
    Reply reply;
    reply.octets.resize(room);
    exchange.room = reply.octets;
    service_->answer_batch({&exchange, 1});
    reply.octets.resize(exchange.answer_size);
    reply.after = exchange.after;
    if (reply.octets.empty()) return reply;
    Reader in(reply.octets);
    const auto envelope = handle::decode_envelope(in);
    EXPECT_TRUE(envelope);
    if (!envelope) return reply;
    reply.envelope = *envelope;
    const auto response = handle::decode_response(*envelope, in.rest());
    EXPECT_TRUE(response) << (response ? "" : response.error().where);
    if (response) reply.response = *response;
    return reply;
}

Reply HandleServiceTest::send(ByteSpan request, Transport transport, ClientFamily family,
                              std::size_t room) {
    Exchange exchange;
    exchange.request = request;
    exchange.transport = transport;
    exchange.family = family;
    return answer(exchange, room);
}

Reply HandleServiceTest::send(const Ask& ask) {
    const std::vector<std::uint8_t> request = request_of(ask);
    return send(request, ask.transport, ask.family);
}

}  // namespace idnode::resolver
