// Goes through the commas, quotes and line feeds of a text in order, sixteen octets at a time: the
// inner loop of reading CSV. Reads nothing behind the text.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

namespace idnode::registry {

class CsvMarks {
public:
    explicit CsvMarks(std::string_view text) : text_(text) {}

    // The position of the next mark; the size of the text when there is none.
    std::size_t next() {
        while (marks_ == 0) {
            base_ = next_base_;
            if (base_ >= text_.size()) return text_.size();
            load();
        }
        const std::size_t position = base_ + static_cast<std::size_t>(std::countr_zero(marks_));
        marks_ &= marks_ - 1;
        return position;
    }

private:
    static constexpr std::size_t kStep = 16;

    void load() {
        next_base_ = base_ + kStep;
#if defined(__SSE2__)
        if (text_.size() - base_ >= kStep) {
            const __m128i octets =
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_.data() + base_));
            const __m128i found =
                _mm_or_si128(_mm_cmpeq_epi8(octets, _mm_set1_epi8(',')),
                             _mm_or_si128(_mm_cmpeq_epi8(octets, _mm_set1_epi8('"')),
                                          _mm_cmpeq_epi8(octets, _mm_set1_epi8('\n'))));
            marks_ = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
            return;
        }
#endif
        const std::size_t end = std::min(text_.size(), next_base_);
        for (std::size_t i = base_; i < end; ++i) {
            const char c = text_[i];
            if (c == ',' || c == '"' || c == '\n') marks_ |= 1U << (i - base_);
        }
    }

    std::string_view text_;
    std::size_t base_ = 0;
    std::size_t next_base_ = 0;
    std::uint32_t marks_ = 0;  // Bit i: a mark at base_ + i, not given yet.
};

}  // namespace idnode::registry
