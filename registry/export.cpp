#include "registry/export.h"

#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "registry/gathered_values.h"
#include "registry/registry.h"

namespace idnode::registry {

namespace {

constexpr std::size_t kLinesSizeWanted = 262'144;

class ExportRun {
public:
    ExportRun(Registry& registry, const KeyRange& range, ExportSink& sink)
        : registry_(registry), walk_(registry, range), sink_(sink) {}

    Checked<ExportCounts> run() {
        while (true) {
            const auto more = walk_.next();
            if (more && !*more) break;
            if (more) {
                const auto written = write(walk_.record());
                if (!written) return tl::unexpected(written.error());
            } else if (!walk_.ended()) {
                note_damage(walk_.place(), more.error());
            } else {
                return end_early(more.error());
            }
        }
        const auto flushed = flush();
        if (!flushed) return tl::unexpected(flushed.error());
        return counts_;
    }

private:
    Checked<Done> write(const Record& record) {
        if (!values_.gather(record)) {
            const std::string folded(walk_.folded());
            note_damage({folded, folded}, {ErrorKind::kCorrupt, "own values"});
            return Done{};
        }
        const std::size_t before = lines_.size();
        JsonWriter json(lines_);
        handle::write_record_json(json, {record.fields.identifier, values_.values()});
        lines_.push_back('\n');
        ++counts_.records;
        counts_.octets += lines_.size() - before;
        return lines_.size() < kLinesSizeWanted ? Checked<Done>{} : flush();
    }

    // Nothing behind can be reached; what was read before is written all the same.
    Checked<ExportCounts> end_early(const Error& error) {
        const auto flushed = flush();
        return tl::unexpected(flushed ? registry_.problem(error) : flushed.error());
    }

    Checked<Done> flush() {
        auto written = sink_.on_lines(lines_, counts_);
        lines_.clear();
        return written;
    }

    void note_damage(const KeyRange& place, const Error& error) {
        ++counts_.damaged;
        sink_.on_damage(place, error);
    }

    Registry& registry_;
    RecordWalk walk_;
    ExportSink& sink_;
    GatheredValues values_;
    std::string lines_;
    ExportCounts counts_;
};

}  // namespace

Checked<ExportCounts> export_records(Registry& registry, std::string_view prefix,
                                     ExportSink& sink) {
    if (prefix.empty()) return ExportRun(registry, {}, sink).run();
    const auto found = find_prefix(registry, prefix);
    if (!found) return tl::unexpected(registry.problem(found.error()));
    if (!*found) {
        Problem problem;
        problem.text = "the prefix " + std::string(prefix) + " is unknown";
        problem.remedy = "idnode prefix list shows those that are there";
        return tl::unexpected(std::move(problem));
    }
    return ExportRun(registry, range_of_prefix(prefix), sink).run();
}

}  // namespace idnode::registry
