#include "registry/rejects.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "protocol/core/base64.h"
#include "protocol/core/identifier.h"
#include "protocol/core/json_writer.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kGatheredSizeMax = 65'536;

Problem cannot_write(const std::string& path, int code) {
    Problem problem;
    problem.file = path;
    problem.text = std::string("cannot be written: ") + std::strerror(code);
    problem.remedy = "make room there, or name another file with --rejects";
    return problem;
}

// Takes off what was written behind the last commit. A pipe or terminal is written on to.
Checked<Done> cut_to(int descriptor, const std::string& path, std::uint64_t size) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return tl::unexpected(cannot_write(path, errno));
    if (!S_ISREG(status.st_mode)) return Done{};
    if (static_cast<std::uint64_t>(status.st_size) < size) {
        Problem problem;
        problem.file = path;
        problem.text = "is shorter than the rejects that the import had written";
        problem.remedy = "name the rejects file of that import, or import anew without --resume";
        return tl::unexpected(std::move(problem));
    }
    if (::ftruncate(descriptor, static_cast<off_t>(size)) != 0 ||
        ::lseek(descriptor, 0, SEEK_END) < 0) {
        return tl::unexpected(cannot_write(path, errno));
    }
    return Done{};
}

// The row as far as it is told, without half a character at the end.
std::string_view told_part(std::string_view row) {
    if (row.size() <= kRejectRowSizeMax) return row;
    std::string_view part = row.substr(0, kRejectRowSizeMax);
    for (std::size_t dropped = 0; dropped < 4; ++dropped) {
        const std::string_view shorter = part.substr(0, part.size() - dropped);
        if (is_utf8(shorter)) return shorter;
    }
    return part;
}

Problem is_gone(const std::string& path) {
    return {path, 0, 0, "is not there: it holds the rejects of the import that was broken off",
            "name the file that was used before, or import anew without --resume"};
}

}  // namespace

void append_reject_json(std::string& out, const Reject& reject, std::string_view input_name) {
    JsonWriter json(out);
    json.begin_object();
    if (!input_name.empty()) json.key("file").string(input_name);
    json.key("line").number(reject.row.line);
    json.key("identifier").string(reject.identifier.substr(0, kRejectRowSizeMax));
    json.key("reason").string(reject.reason);
    if (reject.kind == RejectKind::kAccepted) json.key("accepted").boolean(true);
    const std::string_view row = told_part(reject.row.text);
    if (is_utf8(row)) {
        json.key("row").string(row);
    } else {
        std::string encoded;
        append_base64(encoded, to_bytes(row));
        json.key("row_base64").string(encoded);
    }
    if (reject.row.cut || row.size() < reject.row.text.size()) json.key("truncated").boolean(true);
    json.end_object();
}

Checked<RejectsWriter> RejectsWriter::open(const std::string& path,
                                           std::vector<std::string> input_names, RejectSink& sink,
                                           const std::optional<RejectsBefore>& before) {
    int descriptor = -1;
    if (!path.empty()) {
        const int mode = before ? 0 : O_CREAT | O_TRUNC;
        descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | mode, 0666);
        if (descriptor < 0 && before && errno == ENOENT) return tl::unexpected(is_gone(path));
        if (descriptor < 0) return tl::unexpected(cannot_write(path, errno));
    }
    RejectsWriter writer(descriptor, path, std::move(input_names), sink);
    if (!before) return writer;
    writer.told_ = std::min<std::uint64_t>(before->lines, kRejectsToldMax);
    if (descriptor < 0) return writer;
    if (auto cut = cut_to(descriptor, path, before->size); !cut) return tl::unexpected(cut.error());
    writer.size_ = writer.synced_ = before->size;
    return writer;
}

RejectsWriter::RejectsWriter(int descriptor, std::string path, std::vector<std::string> input_names,
                             RejectSink& sink)
    : descriptor_(descriptor),
      path_(std::move(path)),
      input_names_(std::move(input_names)),
      sink_(sink) {}

RejectsWriter::RejectsWriter(RejectsWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      input_names_(std::move(other.input_names_)),
      sink_(other.sink_),
      told_(other.told_),
      size_(other.size_),
      synced_(other.synced_),
      gathered_(std::move(other.gathered_)) {}

RejectsWriter::~RejectsWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Checked<Done> RejectsWriter::write(const Reject& reject) {
    const std::string_view input_name =
        input_names_.size() > 1 ? std::string_view(input_names_[reject.row.input]) : "";
    if (descriptor_ < 0) {
        if (told_ == kRejectsToldMax) return Done{};
        ++told_;
        std::string line;
        append_reject_json(line, reject, input_name);
        sink_.on_reject_line(line);
        return Done{};
    }
    append_reject_json(gathered_, reject, input_name);
    gathered_.push_back('\n');
    return gathered_.size() < kGatheredSizeMax ? Checked<Done>{} : flush();
}

Checked<Done> RejectsWriter::flush() {
    std::string_view left = gathered_;
    while (!left.empty()) {
        const ssize_t count = ::write(descriptor_, left.data(), left.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return tl::unexpected(cannot_write(path_, errno));
        left.remove_prefix(static_cast<std::size_t>(count));
        size_ += static_cast<std::uint64_t>(count);
    }
    gathered_.clear();
    return Done{};
}

Checked<std::uint64_t> RejectsWriter::sync() {
    if (auto flushed = flush(); !flushed) return tl::unexpected(flushed.error());
    // EINVAL: a pipe or terminal.
    if (size_ != synced_ && ::fdatasync(descriptor_) != 0 && errno != EINVAL) {
        return tl::unexpected(cannot_write(path_, errno));
    }
    synced_ = size_;
    return size_;
}

}  // namespace idnode::registry
