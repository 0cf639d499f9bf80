#include "bench/mixes.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/calendar.h"

namespace idnode::bench {
namespace {

// Purposes of hashes, kept apart.
enum Salt : std::uint64_t { kSlots = 11, kDraws, kCalls, kOrder, kKind, kNote, kUrl, kColumns };

constexpr std::uint64_t kSlotsPerCell = 500;  // Of one product and date.
constexpr std::uint64_t kDatesPerProduct = 100;
constexpr std::uint64_t kColumnRun = 10'000;  // Identifiers that share model and batch.
constexpr std::uint64_t kDecimalSpace = 1'000'000'000'000;
constexpr char kUpperHex[] = "0123456789ABCDEF";
constexpr char kLowerHex[] = "0123456789abcdef";
constexpr std::string_view kLettersAndDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_serial(Form form) { return form == Form::kSerial || form == Form::kProduct; }

// `size` random letters and digits, eight from each hash.
void write_random(char* out, std::size_t size, std::uint64_t seed) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < size; ++i) {
        if (i % 8 == 0) hash = hash64(seed, i);
        const U128 product = U128{hash} * kLettersAndDigits.size();
        out[i] = kLettersAndDigits[static_cast<std::size_t>(product >> 64)];
        hash = static_cast<std::uint64_t>(product);
    }
}

void append_date(std::uint64_t days, FixedText<80>& out) {
    const Date date = date_of(days);
    out.append_decimal(date.year * 10'000 + date.month * 100 + date.day, 8);
}

void append_serial(const Enterprise& enterprise, std::uint64_t slot, FixedText<80>& out) {
    std::uint64_t series_size = 1;
    for (int i = 0; i < enterprise.digits; ++i) series_size *= 10;
    const std::uint64_t number = enterprise.first_number + slot;
    out.append(static_cast<char>('A' + number / series_size));
    out.append_decimal(number % series_size, enterprise.digits);
}

void append_product(const Enterprise& enterprise, std::uint64_t slot, FixedText<80>& out) {
    const std::uint64_t cell = slot / kSlotsPerCell;
    out.append_decimal(enterprise.first_number + cell / kDatesPerProduct, 6);
    out.append(enterprise.separator);
    append_date(enterprise.first_day + cell % kDatesPerProduct, out);
    out.append(enterprise.separator);
    out.append_decimal(slot % kSlotsPerCell, 3);
}

// 60 octets: the enterprise's host, then 40 random letters and digits.
void append_own_url(const Enterprise& enterprise, std::uint64_t seed, FixedText<60>& out) {
    const std::string_view prefix = enterprise.prefix.view();
    out.append("https://e");
    for (const std::size_t from_end : {6U, 4U, 3U, 2U, 1U})
        out.append(prefix[prefix.size() - from_end]);
    out.append(".test/");
    write_random(out.grow(40), 40, seed);
}

}  // namespace

Checked<Mix> Mix::make(const MixOptions& options) {
    const std::uint64_t most = options.kind == MixKind::kSample ? kSampleCountMax : kCountMax;
    if (options.count == 0 || options.count > most) {
        return tl::unexpected(
            Problem{.file = {},
                    .line = 0,
                    .column = 0,
                    .text = fmt::format("a set of {} identifiers cannot be made", options.count),
                    .remedy = fmt::format("give a count from 1 to {}", most)});
    }
    return Mix(options);
}

Mix::Mix(const MixOptions& options) : options_(options), enterprises_(make_enterprises(options)) {
    for (const Enterprise& enterprise : enterprises_) {
        slots_of_.push_back(slots_.size());
        calls_of_.push_back(calls_.size());
        if (is_serial(enterprise.form)) {
            append_slot_table(hash64(enterprise.seed, kSlots), enterprise.count, slots_);
        }
        append_call_table(hash64(enterprise.seed, kCalls), enterprise.count, enterprise.start_time,
                          calls_);
    }
    make_directory();
}

void Mix::make_directory() {
    constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 18;
    while (options_.count >> directory_shift_ >= kEntriesMax) ++directory_shift_;
    std::uint32_t enterprise = 0;
    for (std::uint64_t index = 0; index < options_.count;
         index += std::uint64_t{1} << directory_shift_) {
        while (index >= enterprises_[enterprise].first + enterprises_[enterprise].count)
            ++enterprise;
        directory_.push_back(enterprise);
    }
}

std::size_t Mix::enterprise_of(std::uint64_t index) const {
    std::size_t enterprise = directory_[index >> directory_shift_];
    while (index >= enterprises_[enterprise].first + enterprises_[enterprise].count) ++enterprise;
    return enterprise;
}

void MixReader::enter(std::size_t enterprise) {
    enterprise_ = &mix_.enterprises_[enterprise];
    const std::uint64_t seed = enterprise_->seed;
    calls_ = CallReader(hash64(seed, kCalls), mix_.calls_.data() + mix_.calls_of_[enterprise]);
    if (is_serial(enterprise_->form)) {
        slots_ = SlotReader(hash64(seed, kSlots), mix_.slots_.data() + mix_.slots_of_[enterprise]);
        return;
    }
    const std::uint64_t space = enterprise_->form == Form::kSparse ? kDecimalSpace : UINT64_MAX;
    draws_ = DrawReader(hash64(seed, kDraws), enterprise_->count, space);
    order_ = Permutation(enterprise_->count, hash64(seed, kOrder));
}

void MixReader::append_suffix(std::uint64_t local, FixedText<80>& out) {
    out.append(enterprise_->literal.view());
    switch (enterprise_->form) {
        case Form::kSerial:
            return append_serial(*enterprise_, slots_.slot(local), out);
        case Form::kProduct:
            return append_product(*enterprise_, slots_.slot(local), out);
        case Form::kSparse:
            return out.append_decimal(draws_.number(local), 12);
        case Form::kHex:
            return out.append_hex(draws_.number(local),
                                  enterprise_->lower_case ? kLowerHex : kUpperHex);
    }
}

void MixReader::read_identifier(std::uint64_t index, Item& item) {
    const bool same = enterprise_ != nullptr && index >= enterprise_->first &&
                      index - enterprise_->first < enterprise_->count;
    if (!same) enter(mix_.enterprise_of(index));
    item.enterprise = enterprise_;
    item.identifier.clear();
    item.identifier.append(enterprise_->prefix.view());
    item.identifier.append('/');
    append_suffix(index - enterprise_->first, item.identifier);
}

void MixReader::set_own_values(std::uint64_t local, Item& item) const {
    const std::uint64_t seed = enterprise_->seed;
    const MixKind kind = mix_.options_.kind;
    const std::uint64_t chance = scaled(hash64(seed ^ kKind, local), 100);
    const auto set_note = [&](std::size_t size) {
        write_random(item.note.grow(size), size, hash64(seed ^ kNote, local));
    };
    if (kind == MixKind::kMixed && chance >= 85 && chance < 95) set_note(11);
    if (kind == MixKind::kNational && chance >= 95) set_note(32);
    if ((kind == MixKind::kMixed && chance >= 95) || (kind == MixKind::kBad && chance >= 50)) {
        append_own_url(*enterprise_, hash64(seed ^ kUrl, local), item.own_url);
    }
    if (kind != MixKind::kNational && kind != MixKind::kSample) return;
    const std::uint64_t hash = hash64(seed ^ kColumns, local / kColumnRun);
    item.model.append(kind == MixKind::kSample ? enterprise_->profile->model : "MD-");
    item.model.append_decimal(hash >> 40, 5);
    item.batch.append('B');
    item.batch.append_decimal(2'015 + scaled(hash, 10), 4);
    item.batch.append('-');
    item.batch.append_decimal(hash >> 16, 5);
}

void MixReader::read(std::uint64_t index, Item& item) {
    read_identifier(index, item);
    item.own_url.clear();
    item.note.clear();
    item.model.clear();
    item.batch.clear();
    const std::uint64_t local = index - enterprise_->first;
    item.timestamp = calls_.time(is_serial(enterprise_->form) ? local : order_(local));
    set_own_values(local, item);
}

}  // namespace idnode::bench
