// One item of an external sort, and its form in memory and on disk:
//
//     key_size:u32 text_size:u32 line:u64 input:u32 zero:u32 key text, zeros up to a multiple of 8
//
// in the machine's own byte order: the file lives no longer than the process.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace idnode::registry {

// Ordered by `key`, bytewise; equal ones in the order they were added.
struct SortItem {
    std::string_view key;
    std::string_view text;
    std::uint64_t line = 0;
    std::uint32_t input = 0;
};

struct SortItemHead {
    std::uint32_t key_size = 0;
    std::uint32_t text_size = 0;
    std::uint64_t line = 0;
    std::uint32_t input = 0;
    std::uint32_t zero = 0;
};

inline constexpr std::size_t kSortItemAlignment = 8;

inline std::size_t stored_size(const SortItemHead& head) {
    const std::size_t size = sizeof head + head.key_size + head.text_size;
    return (size + kSortItemAlignment - 1) / kSortItemAlignment * kSortItemAlignment;
}
inline SortItemHead head_of(const SortItem& item) {
    return {static_cast<std::uint32_t>(item.key.size()),
            static_cast<std::uint32_t>(item.text.size()), item.line, item.input, 0};
}
inline SortItemHead load_item_head(const char* stored) {
    SortItemHead head;
    std::memcpy(&head, stored, sizeof head);
    return head;
}
// A view of the item stored there, whole.
inline SortItem load_item(const char* stored) {
    const SortItemHead head = load_item_head(stored);
    const char* key = stored + sizeof head;
    return {{key, head.key_size}, {key + head.key_size, head.text_size}, head.line, head.input};
}
// `room` holds stored_size() octets.
inline void store_item(char* room, const SortItem& item) {
    const SortItemHead head = head_of(item);
    const std::size_t used = sizeof head + item.key.size() + item.text.size();
    std::memcpy(room, &head, sizeof head);
    std::memcpy(room + sizeof head, item.key.data(), item.key.size());
    if (!item.text.empty()) {
        std::memcpy(room + sizeof head + item.key.size(), item.text.data(), item.text.size());
    }
    std::memset(room + used, 0, stored_size(head) - used);
}

}  // namespace idnode::registry
