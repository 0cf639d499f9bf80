// The enterprises of a generated set: prefix, form of the identifiers, how many of them.
//
// Sizes follow Zipf's law (s = 1; mean 20,000 identifiers up to 10^9, 1,000,000 above). An
// enterprise has one form of identifier; forms are dealt out from the largest enterprise down, each
// time to the form that is furthest behind its share, so that the shares hold at every size of a
// set. Enterprises lie in ascending bytewise order of prefix + "/".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/fixed_text.h"

namespace idnode::bench {

enum class MixKind : std::uint8_t { kMixed = 0, kBest = 1, kBad = 2, kNational = 3, kSample = 4 };

struct MixOptions {
    MixKind kind = MixKind::kMixed;
    std::uint64_t count = 1'000'000;  // 1 to kCountMax; the sample: to kSampleCountMax.
    std::uint64_t seed = 1;
};

// Serial numbers of the largest enterprise stay below 2^32.
inline constexpr std::uint64_t kCountMax = 20'000'000'000;
// The sample's short serial numbers end there.
inline constexpr std::uint64_t kSampleCountMax = 10'000'000;

enum class Form : std::uint8_t {
    kSerial,   // literal, a letter, decimal digits: SN2023A000123456
    kProduct,  // literal, product, date, number of three digits: P100017-20230517-042
    kSparse,   // literal, 12 random decimal digits
    kHex,      // literal, 16 random hexadecimal digits
};
inline constexpr std::size_t kFormCount = 4;

std::string_view name_of(Form form);

// What a sample enterprise has beside its identifiers; views of constants.
struct Profile {
    std::string_view site;  // Start of its URLs.
    std::string_view maker;
    std::string_view product;
    std::string_view model;  // Start of its model names.
};

struct Enterprise {
    std::uint64_t first = 0;  // Index of its first identifier in the whole set.
    std::uint64_t count = 0;
    std::uint64_t seed = 0;
    FixedText<24> prefix;
    FixedText<24> literal;  // In front of the varying part of each suffix.
    Form form = Form::kSerial;
    char separator = '-';              // Between the parts of kProduct.
    int digits = 9;                    // Of kSerial.
    bool lower_case = false;           // kHex.
    std::uint32_t first_number = 0;    // First slot of kSerial, first product of kProduct.
    std::uint32_t first_day = 0;       // kProduct: days since 1970.
    std::uint32_t start_time = 0;      // Of its first registration.
    const Profile* profile = nullptr;  // Sample only.
};

// `options` must be in their bounds.
std::vector<Enterprise> make_enterprises(const MixOptions& options);

// Sizes by Zipf's law for ranks 0, 1, ..., `enterprises` of them, `count` together. Each is at
// least 1 if `count` allows it.
std::vector<std::uint64_t> zipf_sizes(std::uint64_t count, std::uint64_t enterprises);

}  // namespace idnode::bench
