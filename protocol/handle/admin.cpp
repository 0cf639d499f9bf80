#include "protocol/handle/admin.h"

#include <iterator>

namespace idnode::handle {

Result<AdminView> decode_admin(ByteSpan data) {
    Reader in(data);
    AdminView admin;
    admin.permissions = in.u16();
    admin.handle = in.sized_text();
    admin.index = in.u32();
    const bool has_tail = in.remaining() == std::size(kOldAdminTail);
    if (has_tail) admin.tail = in.rest();
    if (!in.at_end()) return tl::unexpected(Error{ErrorKind::kMalformed, "administrator"});
    return admin;
}

void encode_admin(Writer& out, const AdminView& admin) {
    out.u16(admin.permissions);
    out.sized_text(admin.handle);
    out.u32(admin.index);
    out.bytes(admin.tail);
}

std::size_t encoded_size(const AdminView& admin) {
    return 2 + 4 + admin.handle.size() + 4 + admin.tail.size();
}

}  // namespace idnode::handle
