#include "registry/line_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace idnode::registry {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A row of kRowSizeMax and its line break.
constexpr std::size_t kWindowSizeMax = kRowSizeMax + 2;

}  // namespace

LineSource::LineSource(InputFile file, std::size_t read_size)
    : file_(std::move(file)), read_size_(read_size), buffer_(read_size + kRowPadding) {}

std::string_view LineSource::window() const { return {buffer_.data() + begin_, end_ - begin_}; }

Checked<bool> LineSource::read_more() {
    const std::size_t held = end_ - begin_;
    if (ended_ || held >= kWindowSizeMax) return false;
    if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, held);
    begin_ = 0;
    end_ = held;
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

}  // namespace idnode::registry
