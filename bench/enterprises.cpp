#include "bench/enterprises.h"

#include <algorithm>
#include <array>
#include <string>

#include "bench/hash64.h"
#include "bench/sample.h"

namespace idnode::bench {
namespace {

using Shares = std::array<std::uint64_t, kFormCount>;  // Per cent, in the order of Form.

constexpr std::uint64_t kDay = 86'400;
constexpr std::uint64_t kFirstStart = 1'420'070'400;  // 2015-01-01.
constexpr std::uint64_t kLastStart = 1'704'067'200;   // 2024-01-01.

Shares shares_of(MixKind kind) {
    switch (kind) {
        case MixKind::kBest:
            return {100, 0, 0, 0};
        case MixKind::kBad:
            return {0, 0, 0, 100};
        case MixKind::kNational:
            return {60, 25, 10, 5};
        default:
            return {50, 25, 15, 10};
    }
}

std::uint64_t enterprise_count(const MixOptions& options) {
    if (options.kind == MixKind::kSample) {
        return std::min<std::uint64_t>(sample_rows().size(), options.count);
    }
    const std::uint64_t mean = options.count <= 1'000'000'000 ? 20'000 : 1'000'000;
    return std::max<std::uint64_t>(1, options.count / mean);
}

// Deals out forms: `next` gives the one furthest behind after another `count` identifiers.
class FormDealer {
public:
    explicit FormDealer(const Shares& shares) : shares_(shares) {}

    Form next(std::uint64_t count) {
        dealt_ += count;
        std::size_t best = 0;
        std::int64_t most = INT64_MIN;
        for (std::size_t form = 0; form < kFormCount; ++form) {
            if (shares_[form] == 0) continue;
            const auto behind = static_cast<std::int64_t>(shares_[form] * dealt_) -
                                static_cast<std::int64_t>(100 * given_[form]);
            if (behind > most) most = behind, best = form;
        }
        given_[best] += count;
        return static_cast<Form>(best);
    }

private:
    Shares shares_;
    Shares given_{};
    std::uint64_t dealt_ = 0;
};

// 88.<secondary node>.<enterprise>: some hundred secondary nodes of three digits, enterprise codes
// of four digits, zeros in front kept.
void set_prefix(Enterprise& enterprise, std::uint64_t rank, std::uint64_t enterprises) {
    const std::uint64_t nodes = std::clamp<std::uint64_t>(enterprises / 100, 10, 900);
    enterprise.prefix.append("88.");
    enterprise.prefix.append_decimal(100 + rank % nodes * 37 % 900, 3);
    enterprise.prefix.append('.');
    enterprise.prefix.append_decimal((rank / nodes * 7'919 + 42) % 10'000, 4);
}

void set_form(Enterprise& enterprise, Form form) {
    const std::uint64_t hash = hash64(enterprise.seed, 1);
    enterprise.form = form;
    if (form == Form::kSerial) {
        enterprise.literal.append("SN");
        enterprise.literal.append_decimal(2'015 + hash % 10, 4);
        enterprise.first_number = static_cast<std::uint32_t>(scaled(hash, 1'000'000));
    } else if (form == Form::kProduct) {
        enterprise.literal.append(static_cast<char>('A' + hash % 26));
        enterprise.first_number = static_cast<std::uint32_t>(100'000 + scaled(hash, 100'000));
        enterprise.first_day = static_cast<std::uint32_t>(16'436 + scaled(hash << 20, 3'000));
    }
}

// At random, but so that the whole registration of the enterprise ends about 2024.
void set_start(Enterprise& enterprise) {
    const std::uint64_t needed = enterprise.count / 1'000 * 300;
    const std::uint64_t room = kLastStart - kFirstStart;
    const std::uint64_t spare =
        enterprise.profile == nullptr && needed + kDay < room ? room - needed : kDay;
    // The sample's products were made before.
    const std::uint64_t first = enterprise.profile != nullptr ? kLastStart : kFirstStart;
    enterprise.start_time =
        static_cast<std::uint32_t>(first + scaled(hash64(enterprise.seed, 2), spare));
}

void set_sample(Enterprise& enterprise, const SampleRow& row) {
    const std::uint64_t hash = hash64(enterprise.seed, 1);
    enterprise.prefix.append(row.prefix);
    enterprise.literal.append(row.literal);
    enterprise.form = row.form;
    enterprise.separator = row.separator;
    enterprise.digits = row.digits;
    enterprise.lower_case = row.lower_case;
    enterprise.first_number = row.form == Form::kProduct ? 100'000 : 1;
    enterprise.first_day = static_cast<std::uint32_t>(18'262 + scaled(hash, 1'500));
    enterprise.profile = &row.profile;
}

bool by_prefix(const Enterprise& a, const Enterprise& b) {
    return std::string(a.prefix.view()) + '/' < std::string(b.prefix.view()) + '/';
}

}  // namespace

std::string_view name_of(Form form) {
    constexpr std::array<std::string_view, kFormCount> kNames = {"serial", "product", "sparse",
                                                                 "hex"};
    return kNames[static_cast<std::size_t>(form)];
}

std::vector<std::uint64_t> zipf_sizes(std::uint64_t count, std::uint64_t enterprises) {
    constexpr std::uint64_t kUnit = std::uint64_t{1} << 40;
    std::uint64_t total = 0;
    for (std::uint64_t rank = 1; rank <= enterprises; ++rank) total += kUnit / rank;
    // One for each, the rest by weight; rounded on the running sum, so that nothing is lost.
    const std::uint64_t rest = count - std::min(count, enterprises);
    std::vector<std::uint64_t> sizes;
    sizes.reserve(enterprises);
    std::uint64_t weight = 0;
    std::uint64_t given = 0;
    for (std::uint64_t rank = 1; rank <= enterprises; ++rank) {
        weight += kUnit / rank;
        const auto end = static_cast<std::uint64_t>(U128{rest} * weight / total);
        sizes.push_back(end - given + 1);
        given = end;
    }
    return sizes;
}

std::vector<Enterprise> make_enterprises(const MixOptions& options) {
    const std::uint64_t enterprises = enterprise_count(options);
    const std::vector<std::uint64_t> sizes = zipf_sizes(options.count, enterprises);
    FormDealer dealer(shares_of(options.kind));
    std::vector<Enterprise> made(enterprises);
    for (std::uint64_t rank = 0; rank < enterprises; ++rank) {
        Enterprise& enterprise = made[rank];
        enterprise.count = sizes[rank];
        enterprise.seed =
            hash64(hash64(options.seed, static_cast<std::uint64_t>(options.kind)), rank);
        if (options.kind == MixKind::kSample) {
            set_sample(enterprise, sample_rows()[rank]);
        } else {
            set_prefix(enterprise, rank, enterprises);
            set_form(enterprise, dealer.next(sizes[rank]));
        }
        set_start(enterprise);
    }
    std::ranges::sort(made, by_prefix);
    std::uint64_t first = 0;
    for (Enterprise& enterprise : made) {
        enterprise.first = first;
        first += enterprise.count;
    }
    return made;
}

}  // namespace idnode::bench
