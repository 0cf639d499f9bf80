// A sliding window over an input, and the input line by line.
//
// Memory stays bounded whatever comes: the window never grows beyond kRowSizeMax and a little, a
// line above kRowSizeMax is given with its start alone and reading goes on behind its line break.
// Lines end in LF or CR LF; the last one may end without. A byte order mark at the start is
// dropped. Views point into the window and hold until the next call that is not const; kRowPadding
// octets behind them can be read. An import that was broken off goes on with go_to().
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/input_file.h"
#include "registry/running_hash.h"

namespace idnode::registry {

// One row of an import. A record of kRecordSizeMax fits in any usual spelling.
inline constexpr std::size_t kRowSizeMax = 1'048'576;
// What fast parsers may read behind a row.
inline constexpr std::size_t kRowPadding = 64;
// How much is read at once; tests go down to 4.
inline constexpr std::size_t kReadSizeDefault = 262'144;
// What is compared of a plain file before a place in it; of any other input it is everything.
inline constexpr std::uint64_t kCheckedSize = 65'536;

struct InputLine {
    std::uint64_t number = 0;  // From 1.
    std::string_view text;     // Without its line break.
    bool too_long = false;     // `text` is only the first kRowSizeMax octets.
    std::uint64_t last = 0;    // Where it ends; above `number` for a row over several lines.
};

// What stood before a place in an input: XXH3-64 of the octets [begin, end) of its content.
struct InputCheck {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t hash = 0;

    bool operator==(const InputCheck&) const = default;
};

// The start of a row in an input.
struct InputPlace {
    std::uint64_t position = 0;  // Octets of the content before it.
    std::uint64_t line = 1;
    InputCheck check;  // Of what comes before, up to `position` or a little less.
};

class LineSource {
public:
    explicit LineSource(InputFile file, std::size_t read_size = kReadSizeDefault);

    // What is read of the input but not consumed yet; at_end(): nothing follows it.
    [[nodiscard]] std::string_view window() const;
    [[nodiscard]] bool at_end() const { return ended_; }
    // Makes the window longer, up to kRowSizeMax and a little; false when it cannot become longer.
    Checked<bool> read_more();
    // Drops the first `size` octets of the window, `line_breaks` of which are line breaks.
    void consume(std::size_t size, std::size_t line_breaks);

    // The next line; false at the end.
    Checked<bool> next(InputLine& line);
    // The start of a row that does not end within kRowSizeMax octets, as a line; consumes
    // everything up to the first line break behind them.
    Checked<Done> next_too_long(InputLine& line);

    // From here on what passes is hashed, so that check_before() can tell of it. Call it first.
    void keep_checks();
    // For a position that has been consumed, none before that of the last call. Of a plain file the
    // kCheckedSize octets before it; else all from the start to the position, or, when that has
    // left the window already, to at most one reading (256 KiB) before it.
    Checked<InputCheck> check_before(std::uint64_t position);
    // Goes on at a place that is not behind the window: a plain file by seeking, any other by
    // reading on. A problem: the input is not the one that the place was found in.
    Checked<Done> go_to(const InputPlace& place);
    // Lets go of the buffers; counters and checks stay.
    void close();
    // For another thread: InputFile::stop.
    void stop() { file_.stop(); }

    // Of the line at which the window starts.
    [[nodiscard]] std::uint64_t line_number() const { return line_number_; }
    [[nodiscard]] std::uint64_t octets_consumed() const { return octets_consumed_; }
    [[nodiscard]] const InputFile& file() const { return file_; }

private:
    Checked<bool> take_line(InputLine& line, std::size_t size, std::size_t line_breaks);
    // False: the input ended before.
    Checked<bool> skip_behind_line_break();
    void drop_consumed();
    // Reads on up to a position; false when the input ends before.
    Checked<bool> read_up_to(std::uint64_t position);
    Checked<bool> is_as_before(const InputCheck& check);
    Checked<bool> window_is_as_before(const InputCheck& check);

    InputFile file_;
    std::size_t read_size_;
    std::vector<char> buffer_;
    std::vector<char> kept_start_;  // Of the last line that was too long.
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t line_number_ = 1;
    std::uint64_t octets_consumed_ = 0;
    bool started_ = false;
    bool ended_ = false;

    bool keeps_checks_ = false;
    std::uint64_t dropped_ = 0;      // Octets of the content before the buffer,
    RunningHash dropped_hash_;       // which this is of.
    std::deque<InputCheck> checks_;  // Of what was dropped, since the last check_before().
};

}  // namespace idnode::registry
