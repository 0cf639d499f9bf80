#include "protocol/handle/value_list.h"

#include "protocol/handle/value.h"

namespace idnode::handle {

namespace {

std::uint32_t u32_at(const std::uint8_t* at) {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
           at[3];
}

}  // namespace

// The octets were checked when the list was decoded, so that walking them needs no bounds.
ReferenceView ReferenceList::Iterator::operator*() const {
    const std::uint32_t size = u32_at(at_);
    return {to_text({at_ + 4, size}), u32_at(at_ + 4 + size)};
}

ReferenceList::Iterator& ReferenceList::Iterator::operator++() {
    at_ += kReferenceSizeMin + u32_at(at_);
    return *this;
}

ReferenceList::Iterator ReferenceList::begin() const {
    return octets_.empty() ? end() : Iterator(octets_.data() + 4);
}

std::uint32_t ReferenceList::count() const { return octets_.empty() ? 0 : u32_at(octets_.data()); }

ByteSpan ReferenceList::octets() const {
    return octets_.empty() ? ByteSpan(kNoReferences) : octets_;
}

Result<ReferenceList> decode_references(Reader& in) {
    // A copy of the reader walks ahead; the octets are then taken in one piece.
    Reader ahead = in;
    const std::uint32_t count = ahead.count(kReferenceSizeMin);
    for (std::uint32_t i = 0; i < count && ahead.ok(); ++i) {
        ahead.sized_bytes();
        ahead.u32();
    }
    if (!ahead.ok()) {
        in.fail();
        return tl::unexpected(Error{ErrorKind::kMalformed, "references"});
    }
    return ReferenceList(in.bytes(ahead.position() - in.position()));
}

Result<ReferenceList> decode_value_list(ByteSpan data) {
    Reader in(data);
    const Result<ReferenceList> list = decode_references(in);
    if (!list || !in.at_end()) return tl::unexpected(Error{ErrorKind::kMalformed, "value list"});
    return list;
}

void encode_references(Writer& out, std::span<const ReferenceView> references) {
    out.u32(static_cast<std::uint32_t>(references.size()));
    for (const ReferenceView& reference : references) {
        out.sized_text(reference.handle);
        out.u32(reference.index);
    }
}

std::size_t encoded_size(std::span<const ReferenceView> references) {
    std::size_t size = 4;
    for (const ReferenceView& reference : references) {
        size += kReferenceSizeMin + reference.handle.size();
    }
    return size;
}

}  // namespace idnode::handle
