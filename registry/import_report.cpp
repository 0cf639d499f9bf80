#include "registry/import_report.h"

#include <utility>

#include "protocol/core/check.h"

namespace idnode::registry {

Checked<Done> ImportReport::open_rejects(const std::string& path,
                                         const std::vector<std::string>& input_names,
                                         const std::optional<RejectsBefore>& before) {
    auto opened = RejectsWriter::open(path, input_names, sink_, before);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    rejects_.emplace(std::move(*opened));
    return Done{};
}

void ImportReport::reject(const RawRow& row, std::string_view identifier, std::string_view reason) {
    ++counts.rejected;
    write({RejectKind::kRejected, row, identifier, reason});
}

void ImportReport::accept_in_doubt(const RawRow& row, std::string_view identifier,
                                   std::string_view doubt) {
    ++counts.doubtful;
    write({RejectKind::kAccepted, row, identifier, doubt});
}

void ImportReport::write(const Reject& reject) {
    IDN_CHECK(rejects_.has_value());
    if (failure_) return;
    const auto written = rejects_->write(reject);
    if (!written) failure_ = written.error();
}

std::optional<std::uint64_t> ImportReport::sync_rejects() {
    if (failure_) return std::nullopt;
    const auto size = rejects_->sync();
    if (size) return *size;
    failure_ = size.error();
    return std::nullopt;
}

void ImportReport::finish() {
    if (failure_ || !rejects_) return;
    const auto written = rejects_->flush();
    if (!written) failure_ = written.error();
}

void ImportReport::begin_phase(ImportPhase phase, std::uint64_t total, std::uint64_t done) {
    progress_.phase = phase;
    progress_.done = done;
    progress_.total = total;
    tell_progress();
}

void ImportReport::tell_progress() {
    progress_.counts = counts;
    sink_.on_progress(progress_);
}

}  // namespace idnode::registry
