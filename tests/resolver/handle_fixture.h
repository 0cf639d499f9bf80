// A registry in a directory of its own with the cases of the table of answers, a HandleService on
// it, and requests made and answers read with the codec.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/handle/request.h"
#include "protocol/handle/response.h"
#include "registry/registry.h"
#include "resolver/handle_service.h"

namespace idnode::resolver {

// A value to register.
struct TestValue {
    std::uint32_t index;
    std::string_view type;
    std::string_view data;
    std::uint8_t permissions = handle::kPermissionsDefault;
};

// What a client sends; the defaults are a plain resolution by Handle.Net's client.
struct Ask {
    std::string identifier = "88.118.8/sn1";
    std::vector<std::uint32_t> indexes = {};
    std::vector<std::string_view> types = {};
    handle::OperationCode operation = handle::OperationCode::kResolution;
    std::uint32_t flags = handle::kFlagPubl;
    ClientFamily family = ClientFamily::kHandle;
    Transport transport = Transport::kUdp;
    std::uint32_t session_id = 0;
};

// What came back, decoded.
struct Reply {
    std::vector<std::uint8_t> octets;  // Empty: nothing was answered.
    AfterAnswer after = AfterAnswer::kKeep;
    handle::Envelope envelope;
    handle::Response response;

    [[nodiscard]] std::uint32_t code() const {
        return static_cast<std::uint32_t>(response.header.response_code);
    }
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::vector<std::uint32_t> indexes() const;
};

class HandleServiceTest : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    void put(std::string_view identifier, const std::vector<TestValue>& values);
    void suspend(std::string_view prefix, std::string_view reason);
    void resume(std::string_view prefix);

    void set_state(std::string_view prefix, registry::PrefixState state, std::string_view reason);

    std::vector<std::uint8_t> request_of(const Ask& ask) const;
    Reply send(ByteSpan request, Transport transport = Transport::kUdp,
               ClientFamily family = ClientFamily::kHandle, std::size_t room = kAnswerSizeMax);
    Reply send(const Ask& ask);
    // Answers `exchange`, whatever the codec thinks of its request.
    Reply answer(Exchange exchange, std::size_t room = kAnswerSizeMax);

    static constexpr std::uint32_t kRequestId = 0x1234'5678;

    std::string directory_;
    std::unique_ptr<registry::Registry> registry_;
    std::optional<Log> log_;
    WorkerStats stats_;
    std::unique_ptr<HandleService> service_;
};

}  // namespace idnode::resolver
