// Lists of a message as views: a count and the octets of the items, checked once when decoded, so
// that walking them cannot fail and nothing is allocated (RFC 3652, section 2.1: u32 count, items).
//
// A list points into the message it was decoded from. At most kListCountMax items. Walk it with
// `for (const auto& item : list)`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "protocol/core/bytes.h"
#include "protocol/core/limits.h"
#include "protocol/handle/value.h"

namespace idnode::handle {

struct IndexCodec {
    using Item = std::uint32_t;
    static constexpr std::size_t kSizeMin = 4;
    static Item decode(Reader& in) { return in.u32(); }
    static void encode(Writer& out, Item item) { out.u32(item); }
};

struct TextCodec {
    using Item = std::string_view;
    static constexpr std::size_t kSizeMin = 4;
    static Item decode(Reader& in) { return in.sized_text(); }
    static void encode(Writer& out, Item item) { out.sized_text(item); }
};

struct ValueCodec {
    using Item = ValueView;
    static constexpr std::size_t kSizeMin = kValueSizeMin;
    static Item decode(Reader& in);
    static void encode(Writer& out, const Item& item) { encode_value(out, item); }
};

// Values of replication streams: each behind its own length, which it must fill.
struct SizedValueCodec {
    using Item = ValueView;
    static constexpr std::size_t kSizeMin = 4 + kValueSizeMin;
    static Item decode(Reader& in);
    static void encode(Writer& out, const Item& item);
};

template <class Codec>
class WireList {
public:
    using Item = typename Codec::Item;

    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(ByteSpan wire, std::uint32_t left) : in_(wire), left_(left) { take(); }
        const Item& operator*() const { return item_; }
        const Item* operator->() const { return &item_; }
        Iterator& operator++() {
            --left_;
            take();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return left_ == 0; }

    private:
        void take() {
            if (left_ != 0) item_ = Codec::decode(in_);
        }

        Reader in_{ByteSpan{}};
        std::uint32_t left_ = 0;
        Item item_{};
    };

    WireList() = default;

    // Reads count and items; on a count that cannot be, or a broken item, `in` has failed and the
    // list is empty.
    static WireList decode(Reader& in);
    // Writes a list of `items`: for those who ask. Decode it again to get the view.
    template <class Items>
    static void encode_items(Writer& out, const Items& items) {
        out.u32(static_cast<std::uint32_t>(std::size(items)));
        for (const Item& item : items) Codec::encode(out, item);
    }

    void encode(Writer& out) const {
        out.u32(count_);
        out.bytes(wire_);
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    // The items without the count.
    [[nodiscard]] ByteSpan wire() const { return wire_; }
    [[nodiscard]] Iterator begin() const { return Iterator(wire_, count_); }
    [[nodiscard]] std::default_sentinel_t end() const { return std::default_sentinel; }

private:
    WireList(std::uint32_t count, ByteSpan wire) : count_(count), wire_(wire) {}

    std::uint32_t count_ = 0;
    ByteSpan wire_;
};

template <class Codec>
WireList<Codec> WireList<Codec>::decode(Reader& in) {
    const std::uint32_t count = in.count(Codec::kSizeMin);
    if (count == 0) return {};
    if (count > kListCountMax) in.fail();
    Reader start = in;
    const std::size_t from = in.position();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) Codec::decode(in);
    if (!in.ok()) return {};
    return {count, start.bytes(in.position() - from)};
}

using IndexList = WireList<IndexCodec>;
using TypeList = WireList<TextCodec>;
using IdentifierList = WireList<TextCodec>;
using ValueList = WireList<ValueCodec>;
using SizedValueList = WireList<SizedValueCodec>;

// Whether a value is asked for (RFC 3652, section 3.2): its index is listed or its type fits a
// filter; two empty lists ask for all. Types are compared without regard to ASCII case; a filter
// that ends in
// "." takes the type without the dot and all types below it.
bool matches_filters(std::uint32_t index, std::string_view type, const IndexList& indexes,
                     const TypeList& types);

}  // namespace idnode::handle
