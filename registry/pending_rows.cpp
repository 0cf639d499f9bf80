#include "registry/pending_rows.h"

#include "protocol/core/check.h"
#include "protocol/core/limits.h"
#include "registry/rejects.h"

namespace idnode::registry {

void PendingRows::push(const ImportRow& row) {
    // One octet more than is told, so that a row that is longer is known as such.
    const std::string_view text = row.raw.text.substr(0, kRejectRowSizeMax + 1);
    IDN_CHECK(row.identifier.size() <= kIdentifierSizeMax);
    entries_.push_back({row.raw.line, text_.size(), row.doubt, row.raw.input,
                        static_cast<std::uint16_t>(row.identifier.size()),
                        static_cast<std::uint16_t>(text.size()), row.raw.cut, row.time_defaulted});
    text_ += row.identifier;
    text_ += text;
}

PendingRows::Row PendingRows::front() const {
    const Entry& entry = entries_[first_];
    const std::string_view text = std::string_view(text_).substr(entry.begin);
    Row row;
    row.raw = {entry.input, entry.line, text.substr(entry.identifier_size, entry.row_size),
               entry.cut};
    row.identifier = text.substr(0, entry.identifier_size);
    row.doubt = entry.doubt;
    row.time_defaulted = entry.time_defaulted;
    return row;
}

void PendingRows::pop() {
    ++first_;
    if (!empty()) return;
    entries_.clear();
    text_.clear();
    first_ = 0;
}

}  // namespace idnode::registry
