#include "registry/meta.h"

#include <algorithm>

#include "registry/meta_seal.h"

namespace idnode::registry {

namespace {

constexpr std::uint8_t kIdentityKind = 0x49;
constexpr std::uint8_t kStateKind = 0x53;
constexpr std::uint8_t kFormsKind = 0x46;
constexpr std::uint8_t kCountsKind = 0x43;

}  // namespace

std::string encode_identity(const Identity& identity) {
    return sealed_meta(kIdentityKind, [&](Writer& out) {
        out.u16(identity.format_major);
        out.u16(identity.format_minor);
        out.u32(identity.required_features);
        out.u32(identity.optional_features);
        out.bytes(identity.uuid);
        out.u8(identity.fold_rule);
        out.u64(identity.created_ms);
    });
}

Result<Identity> decode_identity(ByteSpan stored) {
    auto in = unsealed_meta(stored, kIdentityKind);
    if (!in) return tl::unexpected(in.error());
    Identity identity;
    identity.format_major = in->u16();
    identity.format_minor = in->u16();
    identity.required_features = in->u32();
    identity.optional_features = in->u32();
    const ByteSpan uuid = in->bytes(identity.uuid.size());
    std::ranges::copy(uuid, identity.uuid.begin());
    identity.fold_rule = in->u8();
    identity.created_ms = in->u64();
    if (in->ok() &&
        (identity.format_major != kFormatMajor || identity.fold_rule != kFoldAsciiUpper ||
         (identity.required_features & ~kRequiredFeaturesKnown) != 0)) {
        return tl::unexpected(Error{ErrorKind::kUnsupported, "format", identity.format_major});
    }
    return whole_meta(*in, identity);
}

std::string uuid_text(const std::array<std::uint8_t, 16>& uuid) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[uuid[i] >> 4];
        text += kDigits[uuid[i] & 0x0FU];
    }
    return text;
}

std::string encode_state(const MetaState& state) {
    return sealed_meta(kStateKind, [&](Writer& out) {
        out.u32(state.next_prefix_number);
        out.u64(state.prefix_epoch);
        out.u64(state.journal_sequence);
        out.bytes(state.journal_hash);
        out.u64(state.last_date_ms);
    });
}

Result<MetaState> decode_state(ByteSpan stored) {
    auto in = unsealed_meta(stored, kStateKind);
    if (!in) return tl::unexpected(in.error());
    MetaState state;
    state.next_prefix_number = in->u32();
    state.prefix_epoch = in->u64();
    state.journal_sequence = in->u64();
    const ByteSpan hash = in->bytes(state.journal_hash.size());
    std::ranges::copy(hash, state.journal_hash.begin());
    state.last_date_ms = in->u64();
    return whole_meta(*in, state);
}

std::string encode_forms(const std::vector<FormInfo>& forms) {
    return sealed_meta(kFormsKind, [&](Writer& out) {
        for (const FormInfo& form : forms) {
            out.u8(form.form);
            out.u64(form.blocks);
            out.u64(form.records);
            out.u64(form.used_size);
            out.u64(form.stored_size);
        }
    });
}

Result<std::vector<FormInfo>> decode_forms(ByteSpan stored) {
    auto in = unsealed_meta(stored, kFormsKind);
    if (!in) return tl::unexpected(in.error());
    std::vector<FormInfo> forms;
    while (in->ok() && in->remaining() > 0) {
        FormInfo form;
        form.form = in->u8();
        form.blocks = in->u64();
        form.records = in->u64();
        form.used_size = in->u64();
        form.stored_size = in->u64();
        forms.push_back(form);
    }
    return whole_meta(*in, forms);
}

std::string encode_counts(const PrefixCounts& counts) {
    return sealed_meta(kCountsKind, [&](Writer& out) {
        out.u64(counts.live);
        out.u64(counts.cumulative);
        out.u64(counts.size);
    });
}

Result<PrefixCounts> decode_counts(ByteSpan stored) {
    auto in = unsealed_meta(stored, kCountsKind);
    if (!in) return tl::unexpected(in.error());
    PrefixCounts counts;
    counts.live = in->u64();
    counts.cumulative = in->u64();
    counts.size = in->u64();
    return whole_meta(*in, counts);
}

}  // namespace idnode::registry
