// Rows on their way into the registry, first in first out: what a line of the rejects file needs,
// until it is known what became of the record. Of a row kRejectRowSizeMax octets are kept. Rows
// that are no records wait among them for their turn, so that rejects and counts follow the order
// of the input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/import_row.h"

namespace idnode::registry {

// How far an input has been read: behind a row.
struct ImportPoint {
    std::uint32_t input = 0;
    std::uint64_t position = 0;  // Octets of that input up to there,
    std::uint64_t line = 1;      // and the line of the next row.
    std::uint64_t rows = 0;      // Of all inputs.

    bool operator==(const ImportPoint&) const = default;
};

enum class PendingKind : std::uint8_t {
    kRecord,
    kRejected,
    kDropped,  // A duplicate that is not told of.
};

class PendingRows {
public:
    // `behind`: where to go on once the record and all before it are in the registry.
    void push_record(const ImportRow& row, const ImportPoint& behind);
    void push_rejected(const RawRow& raw, std::string_view identifier, std::string_view reason);
    void push_dropped() {
        entries_.push_back({.kind = PendingKind::kDropped, .begin = text_.size()});
    }

    struct Row {
        PendingKind kind = PendingKind::kRecord;
        RawRow raw;
        std::string_view identifier;
        std::string_view doubt;
        std::string_view reason;
        bool time_defaulted = false;
        ImportPoint behind;
    };
    // The oldest; there must be one. Its views are valid until the next push.
    [[nodiscard]] Row front() const;
    // What is asked of every row, without the rest of it.
    [[nodiscard]] PendingKind front_kind() const { return entries_[first_].kind; }
    [[nodiscard]] bool front_in_doubt() const { return !entries_[first_].doubt.empty(); }
    [[nodiscard]] bool front_time_defaulted() const { return entries_[first_].time_defaulted; }
    void pop();

    [[nodiscard]] bool empty() const { return first_ == entries_.size(); }
    [[nodiscard]] std::size_t octets() const { return text_.size(); }

private:
    struct Entry {
        PendingKind kind = PendingKind::kRecord;
        bool cut = false;
        bool time_defaulted = false;
        std::uint16_t identifier_size = 0;
        std::uint16_t row_size = 0;
        std::uint16_t reason_size = 0;
        std::uint32_t input = 0;
        std::uint64_t line = 0;
        std::size_t begin = 0;  // In text_: the identifier, the row, the reason.
        std::string_view doubt = {};
        ImportPoint behind = {};
    };
    Entry& push(PendingKind kind, const RawRow& raw, std::string_view identifier);

    std::vector<Entry> entries_;
    std::size_t first_ = 0;
    std::string text_;
};

}  // namespace idnode::registry
