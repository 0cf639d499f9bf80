#include "registry/pending_rows.h"

#include "protocol/core/check.h"
#include "protocol/core/limits.h"
#include "registry/rejects.h"

namespace idnode::registry {

namespace {

// Rows that are gone are cleared away when there are so many, and as many as are left.
constexpr std::size_t kGoneCountMin = 1'024;

}  // namespace

PendingRows::Entry& PendingRows::push(PendingKind kind, const RawRow& raw,
                                      std::string_view identifier) {
    // One octet more than is told, so that a row that is longer is known as such.
    const std::string_view text = raw.text.substr(0, kRejectRowSizeMax + 1);
    identifier = identifier.substr(0, kRejectRowSizeMax);
    Entry& entry = entries_.emplace_back();
    entry.kind = kind;
    entry.cut = raw.cut;
    entry.identifier_size = static_cast<std::uint16_t>(identifier.size());
    entry.row_size = static_cast<std::uint16_t>(text.size());
    entry.input = raw.input;
    entry.line = raw.line;
    entry.begin = text_.size();
    text_ += identifier;
    text_ += text;
    return entry;
}

void PendingRows::push_record(const ImportRow& row, const ImportPoint& behind) {
    IDN_CHECK(row.identifier.size() <= kIdentifierSizeMax);
    Entry& entry = push(PendingKind::kRecord, row.raw, row.identifier);
    entry.time_defaulted = row.time_defaulted;
    entry.doubt = row.doubt;
    entry.behind = behind;
}

void PendingRows::push_rejected(const RawRow& raw, std::string_view identifier,
                                std::string_view reason) {
    Entry& entry = push(PendingKind::kRejected, raw, identifier);
    reason = reason.substr(0, kRejectRowSizeMax);
    entry.reason_size = static_cast<std::uint16_t>(reason.size());
    text_ += reason;
}

PendingRows::Row PendingRows::front() const {
    const Entry& entry = entries_[first_];
    const std::string_view text = std::string_view(text_).substr(entry.begin);
    const std::string_view behind_identifier = text.substr(entry.identifier_size);
    Row row;
    row.kind = entry.kind;
    row.raw = {entry.input, entry.line, behind_identifier.substr(0, entry.row_size), entry.cut};
    row.identifier = text.substr(0, entry.identifier_size);
    row.doubt = entry.doubt;
    row.reason = behind_identifier.substr(entry.row_size, entry.reason_size);
    row.time_defaulted = entry.time_defaulted;
    row.behind = entry.behind;
    return row;
}

void PendingRows::pop() {
    ++first_;
    // Rows that are held back may keep it from ever being empty.
    const std::size_t gone = empty() ? text_.size() : entries_[first_].begin;
    if (!empty() && (first_ < kGoneCountMin || first_ < entries_.size() / 2)) return;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    text_.erase(0, gone);
    for (Entry& entry : entries_) entry.begin -= gone;
    first_ = 0;
}

}  // namespace idnode::registry
