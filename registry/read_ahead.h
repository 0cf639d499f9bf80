// Reads the rows of an input on a thread of its own, some batches ahead of who takes them: reading
// and understanding rows then overlaps with packing and writing the records.
//
// Rows, faults and the problem that ends the input come in the order of the input, as the reader
// beneath gives them. At most kBatchesAhead batches of kBatchRowsMax rows or about kBatchSizeMax
// octets wait, or one row when it is longer. The thread begins with the first next() and ends with
// the input; the destructor ends it also while it waits for input.
//
// next(), check_before() and the rest belong to one thread. read_again() only once next() gave
// false: the reader beneath is busy until then.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "registry/arena.h"
#include "registry/row_reader.h"

namespace idnode::registry {

class ReadAhead final : public RowReader {
public:
    // More rows than a transaction takes: reading goes on while one is packed and written.
    static constexpr std::size_t kBatchesAhead = 128;
    static constexpr std::size_t kBatchRowsMax = 2'048;
    static constexpr std::size_t kBatchSizeMax = 262'144;

    // `keeps_checks`: check_before() will be called.
    ReadAhead(std::unique_ptr<SourceReader> reader, bool keeps_checks);
    ~ReadAhead() override;

    Checked<bool> next(ImportRow& row) override;
    void read_again(const RawRow& raw, ImportRow& row) override;
    [[nodiscard]] std::uint64_t octets_consumed() const override { return consumed_; }
    // Of a stream: up to the end of a batch before the position.
    Checked<InputCheck> check_before(std::uint64_t position) override;
    Checked<Done> go_to(const InputPlace& place) override;
    void close() override;

private:
    // Rows with copies of all that they refer to.
    struct Batch {
        Arena arena;
        std::vector<ImportRow> rows;  // The first `count` of them; the rest is room.
        std::size_t count = 0;
        std::optional<Problem> problem;  // Behind the rows.
        bool last = false;               // Nothing comes behind it.
        std::uint64_t end = 0;           // Octets of the input up to there.
        InputCheck check;                // Of a stream that keeps checks.
    };

    void read_all();
    void fill(Batch& batch);
    static void copy_row(Batch& batch, const ImportRow& from, ImportRow& into);
    Batch* wait_for_room();
    Batch& wait_for_batch();
    void take_next_batch();
    void give_back_batch();
    // Behind the last batch.
    Checked<bool> end();
    void stop();

    std::unique_ptr<SourceReader> reader_;
    bool checks_stream_;
    std::array<Batch, kBatchesAhead> batches_;
    std::thread thread_;
    std::mutex mutex_;  // Over the three below.
    std::condition_variable changed_;
    std::uint64_t filled_ = 0;
    std::uint64_t emptied_ = 0;
    bool stopping_ = false;

    Batch* taking_ = nullptr;  // The batch that next() gives of, and how far it is.
    std::size_t taken_ = 0;
    std::uint64_t consumed_ = 0;
    std::deque<InputCheck> checks_;  // Of the batches that were taken up.
};

}  // namespace idnode::registry
