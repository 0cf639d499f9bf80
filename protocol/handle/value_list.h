// Lists of references: what a value's references and the data of HS_VLIST look like on the wire
// (RFC 3651, sections 3.1 and 3.2.5).
//
//     count:u32, each handle:sized index:u32
//
// A ReferenceList is a view of checked octets; walking it allocates nothing and cannot fail.
// Handles are octets as they came, at most kByteArraySizeMax each; nothing is said about their
// meaning.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"

namespace idnode::handle {

struct ReferenceView {
    std::string_view handle;
    std::uint32_t index = 0;  // 0: any value of that handle.

    bool operator==(const ReferenceView&) const = default;
};

class ReferenceList {
public:
    // An empty list.
    ReferenceList() = default;

    class Iterator {
    public:
        ReferenceView operator*() const;
        Iterator& operator++();
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

    private:
        friend class ReferenceList;
        explicit Iterator(const std::uint8_t* at) : at_(at) {}
        const std::uint8_t* at_;
    };

    [[nodiscard]] Iterator begin() const;
    [[nodiscard]] Iterator end() const { return Iterator(octets_.data() + octets_.size()); }
    [[nodiscard]] std::uint32_t count() const;
    // The wire form, from the count on.
    [[nodiscard]] ByteSpan octets() const;

private:
    friend Result<ReferenceList> decode_references(Reader& in);
    explicit ReferenceList(ByteSpan octets) : octets_(octets) {}

    ByteSpan octets_;  // Empty or a whole list.
};

// Fails with kMalformed when octets are missing or the count cannot fit. What follows stays in
// `in`.
Result<ReferenceList> decode_references(Reader& in);
// The data of an HS_VLIST: the list and nothing behind it.
Result<ReferenceList> decode_value_list(ByteSpan data);

void encode_references(Writer& out, std::span<const ReferenceView> references);
std::size_t encoded_size(std::span<const ReferenceView> references);

}  // namespace idnode::handle
