// Rows on their way into the registry, first in first out: what a line of the rejects file needs,
// until it is known what became of the record. Of a row kRejectRowSizeMax octets are kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/import_row.h"

namespace idnode::registry {

class PendingRows {
public:
    void push(const ImportRow& row);

    struct Row {
        RawRow raw;
        std::string_view identifier;
        std::string_view doubt;
        bool time_defaulted = false;
    };
    // The oldest; there must be one. Its views are valid until the next push.
    [[nodiscard]] Row front() const;
    void pop();

    [[nodiscard]] bool empty() const { return first_ == entries_.size(); }
    [[nodiscard]] std::size_t octets() const { return text_.size(); }

private:
    struct Entry {
        std::uint64_t line = 0;
        std::size_t begin = 0;  // In text_: the identifier, then the row.
        std::string_view doubt;
        std::uint32_t input = 0;
        std::uint16_t identifier_size = 0;
        std::uint16_t row_size = 0;
        bool cut = false;
        bool time_defaulted = false;
    };

    std::vector<Entry> entries_;
    std::size_t first_ = 0;
    std::string text_;
};

}  // namespace idnode::registry
