#include "protocol/handle/version.h"

namespace idnode::handle {

namespace {

bool is_ancient(std::uint8_t major) { return major == 1 || major == 5; }

}  // namespace

Version suggested_version(const Envelope& envelope) {
    if (envelope.suggested_major == 0) return message_version(envelope);
    return {envelope.suggested_major, envelope.suggested_minor};
}

Version answer_version(const Envelope& envelope) {
    if (is_ancient(envelope.major_version)) return message_version(envelope);
    const Version wanted = suggested_version(envelope);
    const bool too_new = wanted.major > kVersionMax.major ||
                         (wanted.major == kVersionMax.major && wanted.minor > kVersionMax.minor);
    return too_new ? kVersionMax : wanted;
}

crypto::DigestKind digest_kind(Version version) {
    if (is_at_least(version, 7)) return crypto::DigestKind::kSha256;
    if (is_at_least(version, 1)) return crypto::DigestKind::kSha1;
    return crypto::DigestKind::kMd5;
}

ResponseCode wire_code(ResponseCode code, Version version) {
    if (is_at_least(version, 5)) return code;
    if (code == ResponseCode::kServerBackup) return ResponseCode::kPrefixReferral;
    if (code == ResponseCode::kInvalidValue) return ResponseCode::kValueAlreadyExists;
    return code;
}

}  // namespace idnode::handle
