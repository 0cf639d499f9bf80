#include <algorithm>
#include <array>

#include "registry/block.h"
#include "registry/block_writer.h"
#include "registry/pack_cases.h"
#include "registry/pack_columns.h"
#include "registry/pack_exceptions.h"
#include "registry/pack_keys.h"
#include "registry/pack_slots.h"
#include "registry/pack_texts.h"
#include "registry/pack_times.h"

namespace idnode::registry {
namespace {

// Records looked at for the first block, before anything is known of their density.
constexpr std::size_t kFirstWindow = 512;

// A little more than the block before took, so that one look mostly sees the end of the next.
constexpr std::size_t window_after(std::size_t count) { return count + count / 8 + 16; }

std::size_t payload_size(const RecordFields& fields) {
    std::size_t size = fields.own.size();
    for (const std::string_view column : fields.columns) size += column.size();
    return size;
}

// Octets of the block in the file, whose first page has LMDB's head and whose others have none.
std::size_t padded_size(std::size_t used) {
    if (used <= kBlockSize) return kBlockSize;
    return kBlockSize + (used - kBlockSize + kPageSize - 1) / kPageSize * kPageSize;
}

using SectionOffsets = std::array<std::size_t, kSectionCount>;

// While it is planned, kNumeric stands for every numeric form; what is written has its own.
struct Plan {
    KeyForm form = KeyForm::kNumeric;
    std::size_t count = 0;
    std::size_t size = 0;  // Used octets.
};

}  // namespace

struct BlockPacker::State {
    PackKeys keys;
    PackSlots slots;
    PackTimes times;
    PackCases cases;
    PackColumns columns;
    PackTexts texts;
    PackExceptions exceptions;
    std::size_t window = kFirstWindow;

    Plan choose(std::span<const PackRecord> records, std::size_t used_max);
    Plan choose_numeric(std::span<const PackRecord> records, std::size_t used_max,
                        std::size_t& looked_at);
    Plan choose_front_coded(std::span<const PackRecord> records, std::size_t used_max,
                            std::size_t looked_at);
    Plan plan(KeyForm form, std::span<const PackRecord> records, std::size_t used_max);
    Plan plan_alone(const PackRecord& record);
    Plan narrow(Plan numeric, std::span<const PackRecord> records, std::size_t used_max);
    [[nodiscard]] Plan numeric_plan(std::size_t count) const;
    [[nodiscard]] std::size_t wider_window(KeyForm form, std::size_t looked_at,
                                           std::size_t used_max) const;
    void scan_rest(std::span<const PackRecord> records);
    [[nodiscard]] bool table_has_dominant(std::size_t count) const;
    [[nodiscard]] std::size_t size(KeyForm form, std::size_t count) const;
    [[nodiscard]] std::size_t count_fitting(KeyForm form, std::size_t count_max,
                                            std::size_t used_max) const;
    void write(const Plan& plan, std::vector<std::uint8_t>& block) const;
    void write_head(const Plan& plan, const SectionOffsets& offsets, BlockWriter& out) const;
};

// All but keys and slots, with the dominant pattern chosen.
void BlockPacker::State::scan_rest(std::span<const PackRecord> records) {
    times.scan(records);
    cases.scan(records);
    columns.scan(records, slots);
    texts.scan(records, slots);
    exceptions.scan(records, slots, times, cases, texts);
}

std::size_t BlockPacker::State::size(KeyForm form, std::size_t count) const {
    const std::size_t keys_size =
        form == KeyForm::kNumeric ? keys.numeric_size(count) : keys.front_coded_size(count);
    return kBlockHeadSize + keys_size + slots.pattern_count(count) * kPatternEntrySize +
           times.size(count) + columns.size(count) + cases.size() + exceptions.size(count);
}

std::size_t BlockPacker::State::count_fitting(KeyForm form, std::size_t count_max,
                                              std::size_t used_max) const {
    std::size_t low = 0;
    std::size_t high = count_max;
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        if (size(form, middle) <= used_max) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

bool BlockPacker::State::table_has_dominant(std::size_t count) const {
    return slots.dominant() == kNoSlot || slots.dominant() < slots.pattern_count(count);
}

// How many of `records` fit in this form. What they share is chosen by looking at all of them; when
// far fewer fit, it is chosen again by looking at those.
Plan BlockPacker::State::plan(KeyForm form, std::span<const PackRecord> records,
                              std::size_t used_max) {
    constexpr int kLooks = 4;
    std::size_t looked_at = slots.scan(records);
    std::size_t count = 0;
    for (int look = 0; look < kLooks; ++look) {
        slots.choose_dominant(looked_at);
        scan_rest(records.first(looked_at));
        count = count_fitting(form, looked_at, used_max);
        if (count == 0) return {form, 0, 0};
        if (!table_has_dominant(count)) {
            looked_at = count;
        } else if (looked_at > 2 * window_after(count)) {
            looked_at = window_after(count);
        } else {
            break;
        }
    }
    if (!table_has_dominant(count)) {
        slots.choose_no_dominant();
        scan_rest(records.first(looked_at));
        count = count_fitting(form, looked_at, used_max);
    }
    return {form, count, count == 0 ? 0 : size(form, count)};
}

// One record in a block of its own, as long as it takes. Sections are found by offsets of 16 bits:
// what is long goes to the entries, which come last.
Plan BlockPacker::State::plan_alone(const PackRecord& record) {
    const std::span<const PackRecord> alone(&record, 1);
    keys.scan(alone, PackKeys::Reach::kOneShape);
    slots.scan(alone);
    slots.choose_dominant(1);
    scan_rest(alone);
    if (size(KeyForm::kNumeric, 1) > kBlockSize) {
        slots.choose_no_dominant();
        scan_rest(alone);
    }
    return numeric_plan(1);
}

// With the numbers in the form that takes least.
Plan BlockPacker::State::numeric_plan(std::size_t count) const {
    return {keys.numeric_form(count), count, size(KeyForm::kNumeric, count)};
}

// How many records to look at when all of `looked_at` fitted: as many as fill the block at their
// density, and a little more.
std::size_t BlockPacker::State::wider_window(KeyForm form, std::size_t looked_at,
                                             std::size_t used_max) const {
    constexpr std::size_t kGrowthMax = 8;
    const std::size_t fitting = looked_at * used_max / size(form, looked_at);
    return std::clamp(window_after(fitting), 2 * looked_at, kGrowthMax * looked_at);
}

Plan BlockPacker::State::choose_numeric(std::span<const PackRecord> records, std::size_t used_max,
                                        std::size_t& looked_at) {
    for (;;) {
        keys.scan(records.first(looked_at), PackKeys::Reach::kOneShape);
        const Plan plan_now =
            plan(KeyForm::kNumeric, records.first(keys.numeric_count()), used_max);
        if (plan_now.count < looked_at || looked_at == records.size()) return plan_now;
        looked_at = std::min(wider_window(KeyForm::kNumeric, looked_at, used_max), records.size());
    }
}

Plan BlockPacker::State::choose_front_coded(std::span<const PackRecord> records,
                                            std::size_t used_max, std::size_t looked_at) {
    for (;;) {
        keys.scan(records.first(looked_at), PackKeys::Reach::kAll);
        const Plan plan_now = plan(KeyForm::kFrontCoded, records.first(looked_at), used_max);
        if (plan_now.count < looked_at || looked_at == records.size()) return plan_now;
        looked_at =
            std::min(wider_window(KeyForm::kFrontCoded, looked_at, used_max), records.size());
    }
}

// The form that takes most records. Numeric keys, which are found faster, are looked at first,
// front-coded ones only where another shape ends the block or the numbers take more.
Plan BlockPacker::State::choose(std::span<const PackRecord> records, std::size_t used_max) {
    std::size_t looked_at = std::min(window, records.size());
    Plan numeric = choose_numeric(records, used_max, looked_at);
    const bool shape_ends = numeric.count == keys.numeric_count() && numeric.count < records.size();
    numeric = narrow(numeric, records, used_max);
    if (numeric.count == 0) return plan_alone(records.front());
    const std::size_t front_coded_size = keys.front_coded_size(numeric.count);
    if (kBlockHeadSize + front_coded_size < used_max &&
        (shape_ends || front_coded_size < keys.numeric_size(numeric.count))) {
        looked_at = std::min(looked_at, std::max(kFirstWindow, 2 * numeric.count));
        const Plan front_coded = choose_front_coded(records, used_max, looked_at);
        if (front_coded.count > numeric.count) return front_coded;
        keys.scan(records.first(numeric.count), PackKeys::Reach::kOneShape);
        numeric = narrow(plan(KeyForm::kNumeric, records.first(numeric.count), used_max), records,
                         used_max);
        if (numeric.count == 0) return plan_alone(records.front());
    }
    return numeric_plan(numeric.count);
}

// The shape was made for all records looked at; with one for those that fit, mostly more do.
Plan BlockPacker::State::narrow(Plan numeric, std::span<const PackRecord> records,
                                std::size_t used_max) {
    while (numeric.count != 0 && keys.narrow(numeric.count)) {
        numeric = plan(KeyForm::kNumeric, records.first(keys.numeric_count()), used_max);
    }
    return numeric;
}

void BlockPacker::State::write_head(const Plan& plan, const SectionOffsets& offsets,
                                    BlockWriter& out) const {
    out.u8(kBlockKind);
    out.u8(kBlockVersion);
    out.u8(static_cast<std::uint8_t>(plan.form));
    out.u8(static_cast<std::uint8_t>(cases.mode()));
    out.zeros(kChecksumEnd - kChecksumAt);
    out.u32(static_cast<std::uint32_t>(plan.size));
    out.u16(plan.count);
    out.u16(keys.prefix_size(plan.count));
    out.u8(slots.pattern_count(plan.count));
    out.u8(slots.dominant());
    out.u8(static_cast<std::uint8_t>(times.form()));
    out.u8(static_cast<std::size_t>(exceptions.form(plan.count)) |
           static_cast<std::size_t>(exceptions.entry_form(plan.count)) << kEntryFormShift);
    out.u32(times.base());
    out.u16(exceptions.count(plan.count));
    for (const std::size_t offset : offsets) out.u16(offset);
}

void BlockPacker::State::write(const Plan& plan, std::vector<std::uint8_t>& block) const {
    block.assign(padded_size(plan.size), 0);
    const MutableByteSpan used = MutableByteSpan(block).first(plan.size);
    BlockWriter head(used.first(kBlockHeadSize));
    BlockWriter out(used);
    out.zeros(kBlockHeadSize);
    out.text(keys.common_prefix(plan.count));
    SectionOffsets offsets{};
    const auto begin = [&](Section section) {
        offsets[static_cast<std::size_t>(section)] = out.position();
    };
    begin(Section::kPatterns);
    slots.write(plan.count, out);
    exceptions.write_shapes(plan.count, out);
    begin(Section::kTimes);
    times.write(plan.count, out);
    begin(Section::kColumns);
    columns.write(plan.count, out);
    begin(Section::kCases);
    cases.write(out);
    begin(Section::kKeys);
    if (plan.form == KeyForm::kFrontCoded) {
        keys.write_front_coded(plan.count, out);
    } else {
        keys.write_numeric(plan.count, out);
    }
    begin(Section::kExceptions);
    exceptions.write_directory(plan.count, out);
    begin(Section::kEntries);
    exceptions.write_entries(plan.count, out);
    IDN_CHECK(out.position() == plan.size);
    write_head(plan, offsets, head);
    const std::uint32_t checksum = block_checksum(used);
    std::memcpy(block.data() + kChecksumAt, &checksum, sizeof checksum);
}

BlockPacker::BlockPacker() : state_(std::make_unique<State>()) {}
BlockPacker::~BlockPacker() = default;

Result<std::size_t> BlockPacker::pack(std::span<const PackRecord> records, std::size_t used_max,
                                      std::vector<std::uint8_t>& block) {
    IDN_CHECK(!records.empty() && used_max <= kBlockSize);
    if (payload_size(records.front().fields) > kRecordSizeMax) {
        return tl::unexpected(Error{ErrorKind::kOverloaded, "size of a record"});
    }
    const std::size_t count_max = std::min(records.size(), kBlockRecordCountMax);
    const Plan plan = state_->choose(records.first(count_max), used_max);
    if (plan.count < records.size()) state_->window = window_after(plan.count);
    state_->write(plan, block);
    return plan.count;
}

}  // namespace idnode::registry
