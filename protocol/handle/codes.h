// Numbers of the Handle protocol (RFC 3652, sections 2.2.2 and 2.3; Handle.Net 2.11 and the
// identifier resolution system's own additions): operations, response codes, flags. 32-bit on the
// wire; values outside the enumerations are legal and mean an unknown operation or code.
#pragma once

#include <cstdint>

namespace idnode::handle {

enum class OperationCode : std::uint32_t {
    kReserved = 0,
    kResolution = 1,
    kGetSiteInfo = 2,
    kCreateHandle = 100,
    kDeleteHandle = 101,
    kAddValue = 102,
    kRemoveValue = 103,
    kModifyValue = 104,
    kListHandles = 105,
    kResponseToChallenge = 200,
    kVerifyChallenge = 201,
    kHomePrefix = 300,
    kUnhomePrefix = 301,
    kListHomedPrefixes = 302,
    kSessionSetup = 400,
    kSessionTerminate = 401,
    kSessionExchangeKey = 402,
    kGetNextTransactionId = 1000,
    kRetrieveTransactions = 1001,
    kDumpHandles = 1002,
    kBackupServer = 1003,
    kLoginPassword = 2000,  // CAICT ID-SDK: password in clear.
    kLoginIdSystem = 2001,  // CAICT ID-SDK and id-pointer-sdk: challenge asked for by the client.
};

enum class ResponseCode : std::uint32_t {
    kNone = 0,  // In requests.
    kSuccess = 1,
    kError = 2,
    kServerBusy = 3,
    kProtocolError = 4,
    kOperationNotSupported = 5,
    kRecursionLimit = 6,
    kServerBackup = 7,  // Read-only; below 2.5 written as 303.
    kHandleNotFound = 100,
    kHandleAlreadyExists = 101,
    kInvalidHandle = 102,
    kValuesNotFound = 200,
    kValueAlreadyExists = 201,
    kInvalidValue = 202,  // Below 2.5 written as 201.
    kOutOfDateSiteInfo = 300,
    kServerNotResponsible = 301,
    kServiceReferral = 302,
    kPrefixReferral = 303,
    kInvalidAdmin = 400,
    kInsufficientPermissions = 401,
    kAuthenticationNeeded = 402,
    kAuthenticationFailed = 403,
    kInvalidCredential = 404,
    kAuthenticationTimeout = 405,
    kUnableToAuthenticate = 406,
    kRepeatedLogin = 407,  // CAICT ID-SDK only.
    kLoginFirst = 408,     // CAICT ID-SDK only.
    kSessionTimeout = 500,
    kSessionFailed = 501,
    kInvalidSessionKey = 502,
    kNeedRsaKey = 503,
    kInvalidSessionSetup = 504,
    kSessionMessageRejected = 505,
    kDailyRequestLimit = 603,  // id-pointer-sdk only, as the two that follow.
    kRegistrationLimit = 604,
    kPrefixLimit = 605,
    kTrustVerificationFailed = 3001,  // CAICT ID-SDK only.
};

// Bits of the header's flag word, by their names in RFC 3652.
inline constexpr std::uint32_t kFlagAuth = 0x80000000;
inline constexpr std::uint32_t kFlagCert = 0x40000000;
inline constexpr std::uint32_t kFlagEncr = 0x20000000;
inline constexpr std::uint32_t kFlagRecu = 0x10000000;
inline constexpr std::uint32_t kFlagCacr = 0x08000000;
inline constexpr std::uint32_t kFlagCont = 0x04000000;
inline constexpr std::uint32_t kFlagKpal = 0x02000000;
inline constexpr std::uint32_t kFlagPubl = 0x01000000;
inline constexpr std::uint32_t kFlagRrdg = 0x00800000;
inline constexpr std::uint32_t kFlagOvrw = 0x00400000;
inline constexpr std::uint32_t kFlagMint = 0x00200000;
inline constexpr std::uint32_t kFlagDnrf = 0x00100000;
// Private bits of the ecosystem's SDKs.
inline constexpr std::uint32_t kFlagRecursionAuth = 0x00000004;
inline constexpr std::uint32_t kFlagTrustedQuery = 0x00000002;
inline constexpr std::uint32_t kFlagTrustedResult = 0x00000001;

// Bits of Envelope::flags, the upper six of the envelope's third octet.
inline constexpr std::uint8_t kEnvelopeCompressed = 0x80;
inline constexpr std::uint8_t kEnvelopeEncrypted = 0x40;
inline constexpr std::uint8_t kEnvelopeTruncated = 0x20;

// Header::site_serial of a client without site information.
inline constexpr std::uint16_t kNoSiteSerial = 0xFFFF;

}  // namespace idnode::handle
