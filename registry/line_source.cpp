#include "registry/line_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace idnode::registry {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A row of kRowSizeMax and its line break.
constexpr std::size_t kWindowSizeMax = kRowSizeMax + 2;
static_assert(kCheckedSize <= kWindowSizeMax);

Problem not_as_before(const std::string& name) {
    Problem problem;
    problem.file = name;
    problem.text =
        "is not the input that the import was broken off in: what comes before the place "
        "reached has changed";
    problem.remedy = "give the same input, or import anew without --resume";
    return problem;
}

}  // namespace

LineSource::LineSource(InputFile file, std::size_t read_size)
    : file_(std::move(file)), read_size_(read_size), buffer_(read_size + kRowPadding) {}

std::string_view LineSource::window() const { return {buffer_.data() + begin_, end_ - begin_}; }

Checked<bool> LineSource::read_more() {
    const std::size_t held = end_ - begin_;
    if (ended_ || held >= kWindowSizeMax) return false;
    drop_consumed();
    const std::size_t room_needed = held + read_size_ + kRowPadding;
    if (buffer_.size() < room_needed) buffer_.resize(std::max(room_needed, 2 * buffer_.size()));
    const auto count = file_.read(std::span(buffer_).subspan(end_, read_size_));
    if (!count) return tl::unexpected(count.error());
    end_ += *count;
    ended_ = *count < read_size_;
    if (!started_) {
        started_ = true;
        if (window().starts_with(kByteOrderMark)) consume(kByteOrderMark.size(), 0);
    }
    return *count > 0;
}

// Moves the window to the front of the buffer.
void LineSource::drop_consumed() {
    if (begin_ == 0) return;
    const std::size_t held = end_ - begin_;
    if (keeps_checks_) {
        dropped_hash_.add({buffer_.data(), begin_});
        checks_.push_back({0, dropped_ + begin_, dropped_hash_.value()});
    }
    dropped_ += begin_;
    std::memmove(buffer_.data(), buffer_.data() + begin_, held);
    begin_ = 0;
    end_ = held;
}

void LineSource::consume(std::size_t size, std::size_t line_breaks) {
    begin_ += size;
    octets_consumed_ += size;
    line_number_ += line_breaks;
}

Checked<bool> LineSource::next(InputLine& line) {
    std::size_t searched = 0;
    while (true) {
        const std::string_view text = window().substr(0, kWindowSizeMax);
        const std::size_t found = text.find('\n', searched);
        if (found != std::string_view::npos) return take_line(line, found, 1);
        if (text.size() == kWindowSizeMax) break;
        if (ended_) return text.empty() ? false : take_line(line, text.size(), 0);
        searched = text.size();
        const auto more = read_more();
        if (!more) return tl::unexpected(more.error());
    }
    const auto taken = next_too_long(line);
    if (!taken) return tl::unexpected(taken.error());
    return true;
}

Checked<bool> LineSource::take_line(InputLine& line, std::size_t size, std::size_t line_breaks) {
    std::string_view text = window().substr(0, size);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > kRowSizeMax) {
        const auto taken = next_too_long(line);
        if (!taken) return tl::unexpected(taken.error());
        return true;
    }
    line = {line_number_, text, false, line_number_};
    consume(size + line_breaks, line_breaks);
    return true;
}

Checked<Done> LineSource::next_too_long(InputLine& line) {
    const std::string_view start = window().substr(0, kRowSizeMax);
    kept_start_.assign(start.begin(), start.end());
    kept_start_.resize(start.size() + kRowPadding);
    line = {line_number_, {kept_start_.data(), start.size()}, true, line_number_};
    consume(start.size(), static_cast<std::size_t>(std::ranges::count(start, '\n')));
    const auto behind_break = skip_behind_line_break();
    if (!behind_break) return tl::unexpected(behind_break.error());
    line.last = *behind_break ? line_number_ - 1 : line_number_;
    return Done{};
}

Checked<bool> LineSource::skip_behind_line_break() {
    while (true) {
        const std::size_t found = window().find('\n');
        if (found != std::string_view::npos) {
            consume(found + 1, 1);
            return true;
        }
        consume(end_ - begin_, 0);
        if (ended_) return false;
        const auto more = read_more();
        if (!more) return tl::unexpected(more.error());
    }
}

void LineSource::keep_checks() { keeps_checks_ = !file_.is_seekable(); }

Checked<InputCheck> LineSource::check_before(std::uint64_t position) {
    if (file_.is_seekable()) {
        const std::uint64_t begin = position - std::min(position, kCheckedSize);
        const auto hash = file_.hash_of(begin, position);
        if (!hash) return tl::unexpected(hash.error());
        if (!*hash) return tl::unexpected(not_as_before(file_.name()));
        return InputCheck{begin, position, **hash};
    }
    if (position >= dropped_ && position - dropped_ <= end_) {
        const std::string_view kept(buffer_.data(), static_cast<std::size_t>(position - dropped_));
        return InputCheck{0, position, dropped_hash_.value_with(kept)};
    }
    while (checks_.size() > 1 && checks_[1].end <= position) checks_.pop_front();
    return checks_.empty() || checks_.front().end > position ? InputCheck{} : checks_.front();
}

Checked<Done> LineSource::go_to(const InputPlace& place) {
    auto same = is_as_before(place.check);
    if (same && *same) {
        if (file_.is_seekable()) {
            if (auto sought = file_.seek(place.position); !sought) return sought;
            begin_ = end_ = 0;
            ended_ = false;
            started_ = true;
            octets_consumed_ = dropped_ = place.position;
        } else {
            same = read_up_to(place.position);
        }
    }
    if (!same) return tl::unexpected(same.error());
    if (!*same) return tl::unexpected(not_as_before(file_.name()));
    line_number_ = place.line;
    return Done{};
}

Checked<bool> LineSource::is_as_before(const InputCheck& check) {
    if (check == InputCheck{}) return true;
    if (file_.is_seekable()) {
        const auto hash = file_.hash_of(check.begin, check.end);
        if (!hash) return tl::unexpected(hash.error());
        return *hash == check.hash;
    }
    if (check.begin > 0) return window_is_as_before(check);
    auto there = read_up_to(check.end);
    if (!there || !*there) return there;
    const auto now = check_before(check.end);
    if (!now) return tl::unexpected(now.error());
    return *now == check;
}

// The check was made of a plain file, whose content now comes by a pipe.
Checked<bool> LineSource::window_is_as_before(const InputCheck& check) {
    const auto size = static_cast<std::size_t>(check.end - check.begin);
    auto there = read_up_to(check.begin);
    if (!there || !*there) return there;
    while (window().size() < size) {
        auto more = read_more();
        if (!more || !*more) return more;
    }
    RunningHash hash;
    hash.add(window().substr(0, size));
    return hash.value() == check.hash;
}

Checked<bool> LineSource::read_up_to(std::uint64_t position) {
    while (octets_consumed_ < position) {
        if (begin_ == end_) {
            auto more = read_more();
            if (!more || !*more) return more;
        }
        consume(static_cast<std::size_t>(
                    std::min<std::uint64_t>(end_ - begin_, position - octets_consumed_)),
                0);
    }
    return octets_consumed_ == position;
}

void LineSource::close() {
    drop_consumed();
    begin_ = end_ = 0;
    ended_ = true;
    buffer_ = {};
    kept_start_ = {};
}

}  // namespace idnode::registry
