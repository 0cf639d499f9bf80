#include "registry/external_sort.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "registry/line_source.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kRunBufferSize = 1'048'576;  // Wanted for each run that is merged.
constexpr std::size_t kRunCountMax = 1'024;
constexpr std::size_t kKeyPartSize = 16;
constexpr double kMebibyte = 1'048'576;

std::size_t rounded_down(std::size_t size) {
    return size / kSortItemAlignment * kSortItemAlignment;
}

std::size_t shared_size(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

ExternalSort::ExternalSort(std::string directory, std::size_t memory)
    : directory_(std::move(directory)), memory_size_(rounded_down(memory)) {}

Checked<Done> ExternalSort::take_memory() {
    const std::size_t words = (memory_size_ + kRowPadding) / sizeof(std::uint64_t);
    memory_.reset(new (std::nothrow) std::uint64_t[words]);
    if (memory_) return Done{};
    Problem problem;
    problem.text = "the machine does not give " + std::to_string(memory_size_) +
                   " octets of memory for sorting";
    problem.remedy = "give --memory less";
    return tl::unexpected(std::move(problem));
}

std::span<ExternalSort::Entry> ExternalSort::entries() {
    if (entry_count_ == 0) return {};
    char* const end = octets() + memory_size_;
    return {reinterpret_cast<Entry*>(end) - entry_count_, entry_count_};
}

Checked<Done> ExternalSort::add(const SortItem& item) {
    if (!memory_) {
        auto taken = take_memory();
        if (!taken) return taken;
    }
    const std::size_t size = stored_size(head_of(item));
    IDN_CHECK(size + sizeof(Entry) <= memory_size_);
    const std::size_t used = items_end_ + entry_count_ * sizeof(Entry);
    if (used + size + sizeof(Entry) > memory_size_) {
        auto written = write_run();
        if (!written) return written;
    }
    add_to_memory(item, size);
    return Done{};
}

void ExternalSort::add_to_memory(const SortItem& item, std::size_t size) {
    note_shared_start(item.key);
    store_item(octets() + items_end_, item);
    ++entry_count_;
    entries().front() = {0, 0, items_end_};
    items_end_ += size;
    ++item_count_;
}

void ExternalSort::note_shared_start(std::string_view key) {
    if (entry_count_ == 0) {
        shared_start_ = key;
    } else if (!key.starts_with(shared_start_)) {
        shared_start_.resize(shared_size(shared_start_, key));
    }
}

void ExternalSort::sort_memory() {
    const std::size_t skipped = shared_start_.size();
    for (Entry& entry : entries()) {
        const std::string_view key = load_item(octets() + entry.offset).key.substr(skipped);
        std::array<std::uint8_t, kKeyPartSize> part{};
        std::ranges::copy(to_bytes(key.substr(0, kKeyPartSize)), part.begin());
        Reader reader(part);
        entry.high = reader.u64();
        entry.low = reader.u64();
    }
    std::ranges::sort(entries(), [this, skipped](const Entry& a, const Entry& b) {
        if (a.high != b.high) return a.high < b.high;
        if (a.low != b.low) return a.low < b.low;
        const std::string_view key_a = load_item(octets() + a.offset).key.substr(skipped);
        const std::string_view key_b = load_item(octets() + b.offset).key.substr(skipped);
        const int order = key_a.compare(key_b);
        return order != 0 ? order < 0 : a.offset < b.offset;
    });
}

// Judged by what is in memory: the rest will take as much for each octet of input.
Checked<Done> ExternalSort::check_room() const {
    const double share = share_added_ ? share_added_() : 0;
    struct statvfs disk {};
    if (share <= 0 || ::statvfs(directory_.c_str(), &disk) != 0) return Done{};
    const double runs = 1 / share;
    double needed = static_cast<double>(items_end_) * runs;
    // Merged into a second file before the first one goes.
    if (runs > static_cast<double>(run_count_max())) needed *= 2;
    const double free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
    if (needed <= free) return Done{};
    Problem problem;
    problem.file = directory_;
    problem.text = fmt::format("sorting needs about {:.0f} MiB there, and {:.0f} MiB are free",
                               needed / kMebibyte, free / kMebibyte);
    problem.remedy =
        "name another directory with --temporary, or sort the input before and say --sorted";
    return tl::unexpected(std::move(problem));
}

Checked<Done> ExternalSort::write_run() {
    if (!file_) {
        if (auto room = check_room(); !room) return room;
        auto created = SortFile::create(directory_);
        if (!created) return tl::unexpected(created.error());
        file_.emplace(std::move(*created));
    }
    sort_memory();
    for (const Entry& entry : entries()) {
        auto appended = file_->append(load_item(octets() + entry.offset));
        if (!appended) return appended;
    }
    items_end_ = 0;
    entry_count_ = 0;
    return file_->end_run();
}

Checked<Done> ExternalSort::sort() {
    if (!file_) {
        sort_memory();
        return Done{};
    }
    auto done = entry_count_ > 0 ? write_run() : Checked<Done>{};
    if (!done) return done;
    memory_.reset();
    done = merge_to_fit();
    if (!done) return done;
    return open_runs(*file_, file_->runs());
}

std::size_t ExternalSort::run_count_max() const {
    return std::clamp<std::size_t>(memory_size_ / kRunBufferSize, 2, kRunCountMax);
}

// Merges neighbouring runs, into a new file each time, until all can be read at once.
Checked<Done> ExternalSort::merge_to_fit() {
    while (file_->runs().size() > run_count_max()) {
        auto merged = SortFile::create(directory_);
        if (!merged) return tl::unexpected(merged.error());
        std::span<const SortRun> left = file_->runs();
        while (!left.empty()) {
            const auto group = left.first(std::min(left.size(), run_count_max()));
            left = left.subspan(group.size());
            auto done = merge_runs(group, *merged);
            if (!done) return done;
        }
        readers_.clear();
        file_.emplace(std::move(*merged));
    }
    return Done{};
}

Checked<Done> ExternalSort::merge_runs(std::span<const SortRun> runs, SortFile& merged) {
    auto opened = open_runs(*file_, runs);
    if (!opened) return opened;
    while (true) {
        SortItem item;
        const auto more = next_of_runs(item);
        if (!more) return tl::unexpected(more.error());
        if (!*more) return merged.end_run();
        auto appended = merged.append(item);
        if (!appended) return appended;
    }
}

Checked<Done> ExternalSort::open_runs(const SortFile& file, std::span<const SortRun> runs) {
    const std::size_t buffer_size = memory_size_ / runs.size();
    readers_.clear();
    heap_.clear();
    given_.reset();
    for (const SortRun run : runs) readers_.emplace_back(file, run, buffer_size);
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        const auto more = advance(i);
        if (!more) return tl::unexpected(more.error());
    }
    return Done{};
}

// Whether the item of reader `a` comes after the one of `b`.
bool ExternalSort::is_behind(std::size_t a, std::size_t b) const {
    const int order = readers_[a].item().key.compare(readers_[b].item().key);
    return order != 0 ? order > 0 : a > b;
}

// Puts the reader back among the others, unless it has come to its end.
Checked<bool> ExternalSort::advance(std::size_t reader) {
    auto more = readers_[reader].next();
    if (!more || !*more) return more;
    heap_.push_back(reader);
    std::ranges::push_heap(heap_, [this](std::size_t a, std::size_t b) { return is_behind(a, b); });
    return true;
}

Checked<bool> ExternalSort::next_of_runs(SortItem& item) {
    if (given_) {
        auto more = advance(*std::exchange(given_, std::nullopt));
        if (!more) return more;
    }
    if (heap_.empty()) return false;
    std::ranges::pop_heap(heap_, [this](std::size_t a, std::size_t b) { return is_behind(a, b); });
    given_ = heap_.back();
    heap_.pop_back();
    item = readers_[*given_].item();
    return true;
}

Checked<bool> ExternalSort::next(SortItem& item) {
    if (file_) return next_of_runs(item);
    if (next_entry_ == entry_count_) return false;
    item = load_item(octets() + entries()[next_entry_++].offset);
    return true;
}

}  // namespace idnode::registry
