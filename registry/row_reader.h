// What reads the rows of one input of an import, from front to end.
//
// CsvReader and JsonLinesReader read them out of a LineSource; ReadAhead (read_ahead.h) lets one of
// those work on a thread of its own.
#pragma once

#include <cstdint>
#include <utility>

#include "protocol/core/problem.h"
#include "protocol/core/result.h"
#include "registry/import_row.h"
#include "registry/line_source.h"

namespace idnode::registry {

class RowReader {
public:
    virtual ~RowReader() = default;

    // The next row; false at the end. A problem ends the import: unreadable input, a header that
    // lacks a column.
    virtual Checked<bool> next(ImportRow& row) = 0;

    // Reads a row again that next() gave before without a fault; kRowPadding octets behind its text
    // can be read.
    virtual void read_again(const RawRow& raw, ImportRow& row) = 0;

    // Octets of the input up to the end of the row given last.
    [[nodiscard]] virtual std::uint64_t octets_consumed() const = 0;
    // As LineSource has them, for positions up to octets_consumed().
    virtual Checked<InputCheck> check_before(std::uint64_t position) = 0;
    // Before the first row.
    virtual Checked<Done> go_to(const InputPlace& place) = 0;
    // Once next() gave false: lets go of the input; read_again() still works.
    virtual void close() = 0;
};

class SourceReader : public RowReader {
public:
    explicit SourceReader(LineSource source) : source_(std::move(source)) {}

    [[nodiscard]] std::uint64_t octets_consumed() const override {
        return source_.octets_consumed();
    }
    Checked<InputCheck> check_before(std::uint64_t position) override {
        return source_.check_before(position);
    }
    Checked<Done> go_to(const InputPlace& place) override { return source_.go_to(place); }
    void close() override { source_.close(); }

    // For another thread than the one that reads: what waits for input gives up with a problem.
    void stop() { source_.stop(); }
    [[nodiscard]] const InputFile& file() const { return source_.file(); }

protected:
    // Of a row that has just been consumed.
    void end_row(RawRow& raw) const {
        raw.end = source_.octets_consumed();
        raw.next_line = source_.line_number();
    }

    LineSource source_;
};

}  // namespace idnode::registry
