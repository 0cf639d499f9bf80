// The side file of an import: rows that were not taken, or taken in doubt, as JSON lines.
//
//     {"line":7,"identifier":"10.1/ x","reason":"white space at an end","row":"10.1/ x,…"}
//
// "file" is added when there are several inputs, "accepted":true when the row was taken all the
// same, "truncated":true when it is longer than kRejectRowSizeMax; a row that is not UTF-8 comes as
// "row_base64". Without a file the lines go to `first_lines` while there are few, the rest is
// counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/import_row.h"

namespace idnode::registry {

inline constexpr std::size_t kRejectRowSizeMax = 4'096;  // Octets of a row that are told.
inline constexpr std::size_t kRejectsToldMax = 10;       // Without a file.

enum class RejectKind : std::uint8_t { kRejected, kAccepted };

struct Reject {
    RejectKind kind = RejectKind::kRejected;
    RawRow row;
    std::string_view identifier;  // Empty: not understood.
    std::string_view reason;
};

// `input_name` is empty when there is one input only. Without a line break.
void append_reject_json(std::string& out, const Reject& reject, std::string_view input_name);

class RejectSink {
public:
    virtual ~RejectSink() = default;
    // One line without its break, when there is no rejects file; the first kRejectsToldMax only.
    virtual void on_reject_line(std::string_view line) = 0;
};

// What an import that is gone on with had told before.
struct RejectsBefore {
    std::uint64_t size = 0;   // Octets of the file,
    std::uint64_t lines = 0;  // and lines, wherever they went.
};

class RejectsWriter {
public:
    // An empty `path`: the lines go to `sink`. A file that is there is overwritten; with `before`
    // it must be there and is continued behind so many octets.
    static Checked<RejectsWriter> open(const std::string& path,
                                       std::vector<std::string> input_names, RejectSink& sink,
                                       const std::optional<RejectsBefore>& before = {});
    RejectsWriter(RejectsWriter&& other) noexcept;
    RejectsWriter& operator=(RejectsWriter&&) = delete;
    ~RejectsWriter();

    Checked<Done> write(const Reject& reject);
    // Writes what is gathered; the destructor does not.
    Checked<Done> flush();
    // Makes everything written durable; gives the octets of the file.
    Checked<std::uint64_t> sync();

private:
    RejectsWriter(int descriptor, std::string path, std::vector<std::string> input_names,
                  RejectSink& sink);

    int descriptor_;  // -1: no file.
    std::string path_;
    std::vector<std::string> input_names_;
    RejectSink& sink_;
    std::uint64_t told_ = 0;
    std::uint64_t size_ = 0;    // Of the file.
    std::uint64_t synced_ = 0;  // Of which so much is durable.
    std::string gathered_;
};

}  // namespace idnode::registry
