// Own values: those that a record does not share through a pattern, in a short form.
//
//     count:varint, then each value in ascending index:
//     flags:u8 index:varint [timestamp:u32] [ttl_type:u8 ttl:u32] [permissions:u8]
//     type:code or sized data:sized [references:sized], then a list of TLVs (tlv.h)
//
// `flags` says which of the bracketed fields differ from the defaults (the record's time, 86400 s
// relative, 1110, no references). No octets at all: no values. Values come out byte for byte as
// they went in. Reading allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/core/bytes.h"
#include "protocol/core/result.h"
#include "protocol/handle/value.h"

namespace idnode::registry {

// Appends the short form of `values`, which must be in ascending, distinct index, and of `tlvs`, a
// list that was carried along. Nothing to store: appends nothing.
void encode_own_values(std::span<const handle::ValueView> values, std::uint32_t time,
                       std::string& out, ByteSpan tlvs = {});

// Walks own values. Trusts nothing: every length is checked.
class OwnValueReader {
public:
    OwnValueReader(ByteSpan own, std::uint32_t time);

    // The next value as a view into the octets; false at the end or when they are damaged.
    bool next(handle::ValueView& value);
    // False once the octets contradicted themselves, or held an unknown critical TLV.
    [[nodiscard]] bool ok() const { return ok_; }
    // The list behind the values, to be carried along; set once next() gave false.
    [[nodiscard]] ByteSpan tlvs() const { return left_ == 0 ? rest_ : ByteSpan{}; }

private:
    bool read_value(handle::ValueView& value);

    ByteSpan rest_;
    std::uint32_t time_;
    std::uint32_t left_ = 0;       // Values not yet given.
    std::uint64_t index_min_ = 0;  // Of the next value: they ascend.
    bool ok_ = true;
};

}  // namespace idnode::registry
