// The data of an HS_ADMIN value: who may change a handle, and how (RFC 3651, section 3.2.1).
//
//     permissions:u16 handle:sized index:u32 [0:u16, written by servers up to 7.3]
//
// The old tail is kept, so that a value encodes again to the octets it came with. The view points
// into the data it was decoded from.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

// Bits of AdminView::permissions.
inline constexpr std::uint16_t kMayAddHandle = 0x0001;
inline constexpr std::uint16_t kMayDeleteHandle = 0x0002;
inline constexpr std::uint16_t kMayAddDerivedPrefix = 0x0004;
inline constexpr std::uint16_t kMayDeleteDerivedPrefix = 0x0008;
inline constexpr std::uint16_t kMayModifyValue = 0x0010;
inline constexpr std::uint16_t kMayRemoveValue = 0x0020;
inline constexpr std::uint16_t kMayAddValue = 0x0040;
inline constexpr std::uint16_t kMayModifyAdmin = 0x0080;
inline constexpr std::uint16_t kMayRemoveAdmin = 0x0100;
inline constexpr std::uint16_t kMayAddAdmin = 0x0200;
inline constexpr std::uint16_t kMayReadRestricted = 0x0400;
inline constexpr std::uint16_t kMayListHandles = 0x0800;
inline constexpr std::uint16_t kMayDoAll = 0x0FFF;

// The tail as old servers write it.
inline constexpr std::uint8_t kOldAdminTail[2] = {0, 0};

struct AdminView {
    std::uint16_t permissions = 0;
    std::string_view handle;  // Of the administrator's key.
    std::uint32_t index = 0;  // 0: any key value of that handle.
    ByteSpan tail;            // Nothing, or the two octets of old servers.
};

// Fails with kMalformed when octets are missing or more than the old tail is left over.
Result<AdminView> decode_admin(ByteSpan data);

void encode_admin(Writer& out, const AdminView& admin);
std::size_t encoded_size(const AdminView& admin);

}  // namespace idnode::handle
