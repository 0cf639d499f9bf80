#include "registry/import_resume.h"

#include <utility>

#include <fmt/format.h>

#include "registry/registry.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

namespace {

tl::unexpected<ImportFailure> refused(std::string text, std::string remedy) {
    Problem problem;
    problem.text = std::move(text);
    problem.remedy = std::move(remedy);
    return tl::unexpected(
        ImportFailure{ImportFailure::Kind::kInput, ErrorKind::kMalformed, std::move(problem)});
}

std::string note_of(const UnfinishedImport& unfinished, bool sorted) {
    std::string note = fmt::format("an import of {} was broken off after {} rows",
                                   unfinished.input_name, unfinished.point.rows);
    return note + (sorted ? "; it is given up, this one starts at the front"
                          : "; import --resume goes on with it");
}

}  // namespace

tl::unexpected<ImportFailure> ImportResume::trouble(const Error& error) const {
    return tl::unexpected(
        ImportFailure{ImportFailure::Kind::kRegistry, error.kind, registry_.problem(error)});
}

ImportStep ImportResume::find(ImportSink& sink) {
    if (options_.resume && !options_.sorted) {
        return refused("only an import of sorted input can be gone on with: a sort starts again",
                       "leave --resume out; what is there already counts as unchanged");
    }
    if (options_.sorted) {
        if (auto lock = ImportLock::take(registry_.path())) lock_.emplace(std::move(*lock));
    }
    const bool running = options_.sorted ? !lock_ : ImportLock::is_taken(registry_.path());
    const auto txn = lmdb::ReadTxn::begin(registry_.parts().environment);
    if (!txn) return trouble(txn.error());
    auto stored = read_unfinished_import(*txn);
    if (!stored) return trouble(stored.error());
    stored_ = stored->has_value();
    if (options_.resume) {
        if (running) return refused("the import is still running", "wait for its end");
        if (!*stored) {
            return refused("there is no import to go on with",
                           "leave --resume out; what is there already counts as unchanged");
        }
        if (auto checked = check_found(**stored); !checked) return checked;
        found_ = std::move(*stored);
    } else if (running && options_.sorted) {
        sink.on_note("another import is running: this one cannot be gone on with by --resume");
    } else if (*stored && !running) {
        sink.on_note(note_of(**stored, options_.sorted));
    }
    return Done{};
}

ImportStep ImportResume::check_found(const UnfinishedImport& found) const {
    if (found.identity != import_identity(options_)) {
        return refused(
            fmt::format("the import of {} that was broken off had other options", found.input_name),
            "give as many inputs and the same --map, --null, --format, --duplicates, --existing "
            "and --add-prefixes as before, or import anew without --resume");
    }
    if (found.rejects_in_file && options_.rejects_path.empty()) {
        return refused("the import that was broken off wrote its rejects to a file",
                       "name that file with --rejects");
    }
    if (!found.rejects_in_file && !options_.rejects_path.empty()) {
        return refused("the import that was broken off had no rejects file",
                       "leave --rejects out, or import anew without --resume");
    }
    return Done{};
}

ImportStep ImportResume::begin(std::uint32_t now) {
    if (!keeps()) return Done{};
    identity_ = import_identity(options_);
    began_ms_ = found_ ? found_->began_ms : now_ms();
    now_ = now;
    if (found_ || !stored_) return Done{};
    if (auto erased = erase(); !erased) return trouble(erased.error());
    return Done{};
}

Result<Done> ImportResume::keep(WriteWork& work, UnfinishedImport reached) {
    reached.identity = identity_;
    reached.began_ms = began_ms_;
    reached.now = now_;
    const std::string& path = options_.inputs[reached.point.input];
    reached.input_name = path == "-" ? "standard input" : path;
    reached.rejects_in_file = !options_.rejects_path.empty();
    stored_ = true;
    return work.put_meta(kImportKey, encode_unfinished_import(reached));
}

Result<Done> ImportResume::finish(WriteWork& work) {
    stored_ = false;
    return work.erase_meta(kImportKey);
}

Result<Done> ImportResume::finish() { return stored_ ? erase() : Result<Done>{}; }

Result<Done> ImportResume::erase() {
    WriteTools tools;
    auto work = WriteWork::begin(registry_.parts(), tools, Origin::kImport, {});
    if (!work) return tl::unexpected(work.error());
    if (auto erased = finish(**work); !erased) return erased;
    if (auto committed = (*work)->commit(); !committed) return tl::unexpected(committed.error());
    return Done{};
}

}  // namespace idnode::registry
