#include "registry/read_ahead.h"

#include <span>
#include <utility>

#include "protocol/core/check.h"

namespace idnode::registry {

namespace {

// A view into a row's text goes on as one into the copy of the text.
class Views {
public:
    Views(Arena& arena, std::string_view from, std::string_view into)
        : arena_(arena), from_(from), into_(into) {}

    std::string_view operator()(std::string_view view) {
        const auto begin = reinterpret_cast<std::uintptr_t>(from_.data());
        const auto place = reinterpret_cast<std::uintptr_t>(view.data());
        if (place < begin || place - begin + view.size() > from_.size()) return arena_.copy(view);
        return into_.substr(place - begin, view.size());
    }
    ByteSpan operator()(ByteSpan octets) { return to_bytes((*this)(to_text(octets))); }

private:
    Arena& arena_;
    std::string_view from_;
    std::string_view into_;
};

}  // namespace

ReadAhead::ReadAhead(std::unique_ptr<SourceReader> reader, bool keeps_checks)
    : reader_(std::move(reader)),
      checks_stream_(keeps_checks && !reader_->file().is_seekable()),
      consumed_(reader_->octets_consumed()) {}

ReadAhead::~ReadAhead() { stop(); }

void ReadAhead::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    reader_->stop();
    thread_.join();
}

// --- the thread that reads ---

void ReadAhead::read_all() {
    while (Batch* const batch = wait_for_room()) {
        fill(*batch);
        const bool last = batch->last;
        {
            const std::lock_guard lock(mutex_);
            ++filled_;
        }
        changed_.notify_all();
        if (last) return;
    }
}

// Null: nobody wants more.
ReadAhead::Batch* ReadAhead::wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || filled_ - emptied_ < kBatchesAhead; });
    return stopping_ ? nullptr : &batches_[filled_ % kBatchesAhead];
}

void ReadAhead::fill(Batch& batch) {
    batch.arena.clear();
    batch.count = 0;
    const std::uint64_t begin = reader_->octets_consumed();
    ImportRow row;
    while (batch.count < kBatchRowsMax && reader_->octets_consumed() - begin < kBatchSizeMax) {
        const auto more = reader_->next(row);
        if (!more) batch.problem = more.error();
        batch.last = !more || !*more;
        if (batch.last) break;
        if (batch.count == batch.rows.size()) batch.rows.emplace_back();
        copy_row(batch, row, batch.rows[batch.count++]);
    }
    batch.end = reader_->octets_consumed();
    if (!checks_stream_) return;
    // That of a stream comes out of memory and cannot fail.
    if (const auto check = reader_->check_before(batch.end)) batch.check = *check;
}

void ReadAhead::copy_row(Batch& batch, const ImportRow& from, ImportRow& into) {
    into.raw = from.raw;
    into.raw.text = batch.arena.copy(from.raw.text);
    Views views(batch.arena, from.raw.text, into.raw.text);
    into.fault = from.fault;
    into.doubt = from.doubt;
    into.identifier = views(from.identifier);
    into.time = from.time;
    into.time_defaulted = from.time_defaulted;
    into.combination = from.combination;
    into.own = views(from.own);
    const std::span columns = batch.arena.make<std::string_view>(from.columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = views(from.columns[i]);
    into.columns = columns;
    const std::span values = batch.arena.make<handle::ValueView>(from.values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = from.values[i];
        values[i].type = views(from.values[i].type);
        values[i].data = views(from.values[i].data);
        values[i].references = views(from.values[i].references);
    }
    into.values = values;
}

// --- the thread that takes ---

ReadAhead::Batch& ReadAhead::wait_for_batch() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return filled_ > emptied_; });
    return batches_[emptied_ % kBatchesAhead];
}

void ReadAhead::take_next_batch() {
    taking_ = &wait_for_batch();
    taken_ = 0;
    if (checks_stream_) checks_.push_back(taking_->check);
}

void ReadAhead::give_back_batch() {
    {
        const std::lock_guard lock(mutex_);
        ++emptied_;
    }
    changed_.notify_all();
}

Checked<bool> ReadAhead::end() {
    consumed_ = taking_->end;
    if (taking_->problem) return tl::unexpected(*taking_->problem);
    return false;
}

Checked<bool> ReadAhead::next(ImportRow& row) {
    if (!thread_.joinable()) thread_ = std::thread([this] { read_all(); });
    if (taking_ == nullptr) take_next_batch();
    while (taken_ == taking_->count) {
        if (taking_->last) return end();
        give_back_batch();
        take_next_batch();
    }
    row = taking_->rows[taken_++];
    consumed_ = row.raw.end;
    return true;
}

void ReadAhead::read_again(const RawRow& raw, ImportRow& row) {
    IDN_CHECK(taking_ != nullptr && taking_->last);
    reader_->read_again(raw, row);
}

Checked<InputCheck> ReadAhead::check_before(std::uint64_t position) {
    if (!checks_stream_) return reader_->check_before(position);
    while (checks_.size() > 1 && checks_[1].end <= position) checks_.pop_front();
    return checks_.empty() || checks_.front().end > position ? InputCheck{} : checks_.front();
}

Checked<Done> ReadAhead::go_to(const InputPlace& place) {
    auto gone = reader_->go_to(place);
    consumed_ = reader_->octets_consumed();
    return gone;
}

void ReadAhead::close() {
    stop();
    reader_->close();
}

}  // namespace idnode::registry
