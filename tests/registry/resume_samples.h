// Sorted rows with all that can become of a row, and imports of them that are broken off.
#pragma once

#include <string>

#include <fmt/format.h>

#include "registry/import.h"

namespace idnode::registry {

inline constexpr int kSampleRows = 3'000;

enum class SampleForm { kCsv, kJsonLines };

inline std::string sample_row(SampleForm form, const std::string& identifier, int number) {
    const std::string name = fmt::format("name {} {}", number, std::string(150, 'x'));
    if (form == SampleForm::kCsv) return fmt::format("{},{}\n", identifier, name);
    return fmt::format(R"({{"handle":"{}","values":[{{"index":2,"type":"NAME","data":"{}"}}]}})"
                       "\n",
                       identifier, name);
}

// Good rows, bad ones, duplicates, doubtful identifiers, and a prefix that nobody added at the end.
inline std::string sample_rows(SampleForm form, int from = 0, int to = kSampleRows) {
    std::string rows;
    if (form == SampleForm::kCsv && from == 0) rows = "id,name\n";
    for (int i = from; i < to; ++i) {
        const std::string prefix = i < kSampleRows - 40 ? "10.1" : "99.9";
        const std::string identifier = fmt::format("{}/{:06}", prefix, i);
        rows += sample_row(form, identifier, i);
        if (i % 89 == 7) rows += sample_row(form, identifier, i + 1);
        if (i % 97 == 5) rows += form == SampleForm::kCsv ? "a,b,c\n" : "{\"handle\":\n";
        if (i % 101 == 3) rows += sample_row(form, identifier + " x", i);
    }
    return rows;
}

}  // namespace idnode::registry
