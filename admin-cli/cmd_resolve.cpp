// idnode resolve ID --server HOST:PORT: asks a node over the Handle protocol and shows its answer.
#include <random>

#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/wire_client.h"
#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/request.h"
#include "protocol/handle/response.h"
#include "protocol/handle/value_index.h"
#include "protocol/handle/value_text.h"

namespace idnode::cli {

namespace {

using handle::ResponseCode;

ExitCode exit_code_of(ResponseCode code) {
    const auto number = static_cast<std::uint32_t>(code);
    if (code == ResponseCode::kSuccess) return ExitCode::kDone;
    if (number >= 400 && number < 500) return ExitCode::kNotPermitted;
    if (number < 100) return ExitCode::kNoAnswer;
    return ExitCode::kNegative;
}

std::string_view meaning_of(ResponseCode code) {
    switch (code) {
        case ResponseCode::kError:
            return "the node met an internal error";
        case ResponseCode::kServerBusy:
            return "the node is busy";
        case ResponseCode::kProtocolError:
            return "the node could not read the question";
        case ResponseCode::kOperationNotSupported:
            return "the node does not offer this";
        case ResponseCode::kHandleNotFound:
            return "identifier not found";
        case ResponseCode::kInvalidHandle:
            return "invalid identifier";
        case ResponseCode::kValuesNotFound:
            return "no such values";
        case ResponseCode::kServerNotResponsible:
            return "the node is not responsible";
        case ResponseCode::kServiceReferral:
        case ResponseCode::kPrefixReferral:
            return "another node is responsible";
        case ResponseCode::kInsufficientPermissions:
            return "not permitted";
        case ResponseCode::kAuthenticationNeeded:
            return "authentication needed";
        default:
            return "the node refuses";
    }
}

// What an answer holds beside its code.
struct Shown {
    std::string_view identifier;
    std::string_view text;
    std::vector<handle::ValueView> values;
};

Shown contents_of(const handle::Response& response, std::string_view asked) {
    Shown shown{asked, {}, {}};
    const handle::ValueList* values = nullptr;
    if (const auto* found = std::get_if<handle::ResolutionBody>(&response.body)) {
        shown.identifier = found->identifier;
        values = &found->values;
    } else if (const auto* referral = std::get_if<handle::ReferralBody>(&response.body)) {
        if (referral->values) values = &*referral->values;
    } else if (const auto* error = std::get_if<handle::ErrorBody>(&response.body)) {
        shown.text = error->text;
    }
    if (values != nullptr) {
        for (const handle::ValueView& value : *values) shown.values.push_back(value);
    }
    return shown;
}

class ResolveCommand final : public Command {
public:
    ResolveCommand()
        : Command("resolve", "Ask a node for an identifier, as a client",
                  "idnode resolve 88.118.8/SN2023A000123456 --server 127.0.0.1:2641") {}

    std::vector<Option> options() override {
        return {
            {.names = "identifier",
             .help = "The identifier to resolve",
             .target = &identifier_,
             .value_name = "ID",
             .required = true},
            {.names = "--server",
             .help = "The node to ask (default 127.0.0.1:2641)",
             .target = &server_,
             .value_name = "HOST:PORT"},
            {.names = "--transport",
             .help = "udp or tcp; without it: UDP, then TCP",
             .target = &transport_,
             .value_name = "NAME",
             .choices = {"udp", "tcp"}},
            {.names = "--type",
             .help = "Only values of this type; \"URL.\" takes those below it too",
             .target = &types_,
             .value_name = "TYPE"},
            {.names = "--index",
             .help = "Only the value with this index",
             .target = &indexes_,
             .value_name = "N"},
            {.names = "--timeout",
             .help = "Seconds to wait for an answer (default 4)",
             .target = &timeout_s_,
             .value_name = "SECONDS",
             .minimum = 1,
             .maximum = 3'600},
            {.names = "--trace", .help = "Show each step with its time", .target = &trace_wanted_},
            {.names = "--json", .help = "One JSON document", .target = &json_}};
    }

    ExitCode run() override {
        const Checked<ServerName> server = parse_server_name(server_);
        if (!server) return say(server.error()), ExitCode::kUsage;
        if (identifier_.empty() || identifier_.size() > kWireIdentifierSizeMax) {
            say(fmt::format("an identifier has 1 to {} octets", kWireIdentifierSizeMax));
            return ExitCode::kUsage;
        }
        const Checked<std::vector<std::uint32_t>> indexes = wanted_indexes();
        if (!indexes) return say(indexes.error()), ExitCode::kUsage;
        Trace trace;
        const auto answer = ask_either_way(*server, make_request(*indexes), trace);
        const ExitCode code = answer ? show(*answer, trace) : ExitCode::kNoAnswer;
        if (!answer) say(answer.error());
        if (trace_wanted_ && !json_) show_trace(trace);
        return code;
    }

private:
    Checked<std::vector<std::uint32_t>> wanted_indexes() const {
        std::vector<std::uint32_t> indexes;
        for (const std::string& text : indexes_) {
            const auto index = handle::parse_value_index(text);
            if (!index) {
                return tl::unexpected(Problem{{},
                                              0,
                                              0,
                                              fmt::format("\"{}\" is no index", text),
                                              "indexes are 1 to 2147483647"});
            }
            indexes.push_back(*index);
        }
        return indexes;
    }

    std::vector<std::uint8_t> make_request(const std::vector<std::uint32_t>& indexes) const {
        std::vector<std::uint8_t> lists(16 + 4 * indexes.size());
        for (const std::string& type : types_) lists.resize(lists.size() + 4 + type.size());
        Writer list_out(lists);
        handle::IndexList::encode_items(list_out, indexes);
        const std::vector<std::string_view> types(types_.begin(), types_.end());
        handle::TypeList::encode_items(list_out, types);
        Reader list_in(list_out.written());
        handle::ResolutionRequest wanted{identifier_, handle::IndexList::decode(list_in), {}};
        wanted.types = handle::TypeList::decode(list_in);

        handle::Envelope envelope;
        envelope.request_id = std::random_device{}();
        handle::Request request;
        request.header.operation = handle::OperationCode::kResolution;
        request.header.flags = handle::kFlagRecu | handle::kFlagCacr | handle::kFlagPubl;
        request.header.expiration =
            static_cast<std::uint32_t>(std::time(nullptr)) + handle::kAnswerLifetime;
        request.body = wanted;
        std::vector<std::uint8_t> message(64 + handle::kEnvelopeSize + identifier_.size() +
                                          lists.size());
        Writer out(message);
        handle::encode_request(out, envelope, request);
        message.resize(out.position());
        return message;
    }

    // UDP first, TCP when that brings nothing or the answer is too long; or the one asked for.
    Checked<std::vector<std::uint8_t>> ask_either_way(const ServerName& server,
                                                      const std::vector<std::uint8_t>& request,
                                                      Trace& trace) const {
        const std::chrono::milliseconds timeout(timeout_s_ * 1000);
        if (transport_ == "tcp") return ask(server, Via::kTcp, request, timeout, trace);
        auto answer = ask(server, Via::kUdp, request, timeout, trace);
        if (transport_ == "udp" || (answer && !says_use_tcp(*answer))) return answer;
        trace.add("on to TCP");
        auto second = ask(server, Via::kTcp, request, timeout, trace);
        return second || !answer ? second : answer;
    }

    static Result<handle::Response> decode(ByteSpan answer) {
        Reader in(answer);
        const Result<handle::Envelope> envelope = handle::decode_envelope(in);
        if (!envelope) return tl::unexpected(envelope.error());
        return handle::decode_response(*envelope, in.rest());
    }

    static bool says_use_tcp(ByteSpan answer) {
        const Result<handle::Response> response = decode(answer);
        return response && response->header.response_code == ResponseCode::kServerBusy;
    }

    ExitCode show(ByteSpan answer, const Trace& trace) const {
        const Result<handle::Response> response = decode(answer);
        if (!response) {
            say(fmt::format("the answer cannot be decoded: {}", response.error().where));
            return ExitCode::kNoAnswer;
        }
        const Shown shown = contents_of(*response, identifier_);
        const ResponseCode code = response->header.response_code;
        return json_ ? show_json(shown, code, trace) : show_text(shown, code);
    }

    static ExitCode show_text(const Shown& shown, ResponseCode code) {
        std::string text;
        handle::append_terminal_text(text, shown.identifier);
        for (const handle::ValueView& value : shown.values) {
            text += '\n';
            handle::append_value_text(text, value);
        }
        if (code == ResponseCode::kSuccess) return print_line(std::move(text));
        if (!shown.values.empty() && print_line(text) != ExitCode::kDone)
            return ExitCode::kRegistry;
        std::string why;
        if (!shown.text.empty()) handle::append_terminal_text(why.append(": "), shown.text);
        say(fmt::format("{}: {} (response code {}){}", text.substr(0, text.find('\n')),
                        meaning_of(code), static_cast<std::uint32_t>(code), why));
        return exit_code_of(code);
    }

    ExitCode show_json(const Shown& shown, ResponseCode code, const Trace& trace) const {
        std::string line;
        JsonWriter json(line);
        json.begin_object().key("responseCode").number(static_cast<std::uint32_t>(code));
        json.key("handle").string(shown.identifier);
        if (!shown.text.empty()) json.key("message").string(shown.text);
        json.key("values").begin_array();
        for (const handle::ValueView& value : shown.values) handle::write_value_json(json, value);
        json.end_array();
        if (trace_wanted_) {
            json.key("trace").begin_array();
            for (const Trace::Step& step : trace.steps()) {
                json.begin_object().key("step").string(step.text);
                json.key("milliseconds").real(step.milliseconds, 3).end_object();
            }
            json.end_array();
        }
        json.end_object();
        return print_line(std::move(line), exit_code_of(code));
    }

    static void show_trace(const Trace& trace) {
        for (const Trace::Step& step : trace.steps()) {
            fmt::print(stderr, "{:9.3f} ms  {}\n", step.milliseconds, step.text);
        }
    }

    std::string identifier_;
    std::string server_ = "127.0.0.1:2641";
    std::string transport_;
    std::vector<std::string> types_;
    std::vector<std::string> indexes_;
    std::uint64_t timeout_s_ = 4;
    bool trace_wanted_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_resolve_command() { return std::make_unique<ResolveCommand>(); }

}  // namespace idnode::cli
