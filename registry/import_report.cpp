#include "registry/import_report.h"

#include <utility>

namespace idnode::registry {

ImportReport::ImportReport(RejectsWriter rejects, ImportSink& sink)
    : rejects_(std::move(rejects)), sink_(sink) {}

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
    if (failure_) return;
    const auto written = rejects_.write(reject);
    if (!written) failure_ = written.error();
}

void ImportReport::finish() {
    if (failure_) return;
    const auto written = rejects_.flush();
    if (!written) failure_ = written.error();
}

void ImportReport::begin_phase(ImportPhase phase, std::uint64_t total) {
    progress_.phase = phase;
    progress_.done = 0;
    progress_.total = total;
    tell_progress();
}

void ImportReport::tell_progress() {
    progress_.counts = counts;
    sink_.on_progress(progress_);
}

}  // namespace idnode::registry
