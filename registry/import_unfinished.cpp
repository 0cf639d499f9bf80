#include "registry/import_unfinished.h"

#include <array>

#include "registry/meta_seal.h"

namespace idnode::registry {

namespace {

constexpr std::uint8_t kImportKind = 0x55;

// The counts in the order in which they are stored; `Counts` may be const.
template <class Counts>
auto in_order(Counts& counts) {
    return std::array{&counts.rows,           &counts.octets,         &counts.added,
                      &counts.replaced,       &counts.unchanged,      &counts.kept,
                      &counts.duplicates,     &counts.rejected,       &counts.doubtful,
                      &counts.time_defaulted, &counts.prefixes_added, &counts.commits};
}

std::string_view end_of(std::string_view text, std::size_t size_max) {
    return text.size() <= size_max ? text : text.substr(text.size() - size_max);
}

// Texts one after the other, none of which can be taken for another split of the same octets.
class Digest {
public:
    void add(std::uint64_t number) {
        std::array<std::uint8_t, 8> octets{};
        store_big<8>(octets.data(), number);
        hash_.add(to_text(octets));
    }
    void add(std::string_view text) {
        add(text.size());
        hash_.add(text);
    }
    void add(const std::vector<std::string>& texts) {
        add(texts.size());
        for (const std::string& text : texts) add(std::string_view(text));
    }
    [[nodiscard]] std::uint64_t value() const { return hash_.value(); }

private:
    RunningHash hash_;
};

}  // namespace

std::string encode_unfinished_import(const UnfinishedImport& unfinished) {
    return sealed_meta(kImportKind, [&](idnode::Writer& out) {
        out.u64(unfinished.identity);
        out.u64(unfinished.began_ms);
        out.u32(unfinished.now);
        out.u32(unfinished.point.input);
        out.u64(unfinished.point.position);
        out.u64(unfinished.point.line);
        out.u64(unfinished.point.rows);
        out.u64(unfinished.check.begin);
        out.u64(unfinished.check.end);
        out.u64(unfinished.check.hash);
        out.u64(unfinished.last_line);
        out.u32(unfinished.last_input);
        for (const std::uint64_t* count : in_order(unfinished.counts)) out.u64(*count);
        out.u8(unfinished.rejects_in_file ? 1 : 0);
        out.u64(unfinished.rejects_size);
        out.sized_text(unfinished.last_folded);
        out.sized_text(end_of(unfinished.input_name, kInputNameSizeMax));
    });
}

Result<UnfinishedImport> decode_unfinished_import(ByteSpan stored) {
    auto in = unsealed_meta(stored, kImportKind);
    if (!in) return tl::unexpected(in.error());
    UnfinishedImport unfinished;
    unfinished.identity = in->u64();
    unfinished.began_ms = in->u64();
    unfinished.now = in->u32();
    unfinished.point.input = in->u32();
    unfinished.point.position = in->u64();
    unfinished.point.line = in->u64();
    unfinished.point.rows = in->u64();
    unfinished.check.begin = in->u64();
    unfinished.check.end = in->u64();
    unfinished.check.hash = in->u64();
    unfinished.last_line = in->u64();
    unfinished.last_input = in->u32();
    for (std::uint64_t* count : in_order(unfinished.counts)) *count = in->u64();
    unfinished.rejects_in_file = in->u8() != 0;
    unfinished.rejects_size = in->u64();
    unfinished.last_folded = in->sized_text();
    unfinished.input_name = in->sized_text();
    return whole_meta(*in, unfinished);
}

Result<std::optional<UnfinishedImport>> read_unfinished_import(const lmdb::Txn& txn) {
    const auto stored = txn.get(lmdb::Table::kMeta, to_bytes(kImportKey));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return std::optional<UnfinishedImport>{};
    auto decoded = decode_unfinished_import(**stored);
    if (!decoded) return tl::unexpected(decoded.error());
    return std::optional(std::move(*decoded));
}

std::uint64_t import_identity(const ImportOptions& options) {
    Digest digest;
    digest.add(options.inputs.size());
    for (const std::string& path : options.inputs) {
        digest.add(static_cast<std::uint64_t>(input_format(options, path)));
    }
    digest.add(options.mapping);
    digest.add(options.nulls);
    digest.add(options.ttl);
    digest.add(options.permissions);
    digest.add(static_cast<std::uint64_t>(options.duplicates));
    digest.add(static_cast<std::uint64_t>(options.existing));
    digest.add(options.add_prefixes ? 1U : 0U);
    return digest.value();
}

}  // namespace idnode::registry
