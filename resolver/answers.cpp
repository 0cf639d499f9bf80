#include "resolver/answers.h"

#include "protocol/core/check.h"

namespace idnode::resolver {

namespace {

using handle::ResponseCode;

// The clients of the identifier resolution system know fewer codes than Handle.Net's: one that they
// do not know breaks them, so that some situations have another answer for them.
struct Row {
    Answer handle;
    Answer others;
};

constexpr Row same(ResponseCode code, std::string_view text) {
    return {{code, text}, {code, text}};
}

constexpr std::string_view kNotResponsibleText = "That prefix doesn't live here";

// In the order of Situation.
constexpr Row kTable[kSituationCount] = {
    same(ResponseCode::kSuccess, ""),
    same(ResponseCode::kHandleNotFound, ""),
    same(ResponseCode::kValuesNotFound, ""),
    // Without administrators there is nobody who could authenticate: 401 rather than 402. The
    // others get the public values instead (lookup.h), and never come here.
    same(ResponseCode::kInsufficientPermissions, "not public"),
    {{ResponseCode::kServerNotResponsible, kNotResponsibleText},
     {ResponseCode::kHandleNotFound, kNotResponsibleText}},
    same(ResponseCode::kInsufficientPermissions, "suspended"),
    same(ResponseCode::kError, "damaged record"),
    same(ResponseCode::kError, "registry cannot be read"),
    same(ResponseCode::kServerBusy, "too busy"),
    same(ResponseCode::kServerBusy, "use TCP"),
    same(ResponseCode::kOperationNotSupported, "operation not offered"),
    same(ResponseCode::kInvalidHandle, "invalid identifier"),
    same(ResponseCode::kProtocolError, "undecodable message"),
    same(ResponseCode::kSessionTimeout, "unknown session"),
};

}  // namespace

Answer answer_for(Situation situation, ClientFamily family) {
    const auto row = static_cast<std::size_t>(situation);
    IDN_CHECK(row < kSituationCount);
    return family == ClientFamily::kHandle ? kTable[row].handle : kTable[row].others;
}

}  // namespace idnode::resolver
