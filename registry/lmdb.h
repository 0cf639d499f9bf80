// LMDB as this project uses it; nothing else includes <lmdb.h>.
//
// Environment owns the map and the six tables. ReadTxn is a snapshot that can be renewed; WriteTxn
// the one change in progress over all processes; Cursor walks a table of either and must go before
// it. Every call that reads the map is guarded: a read error of the disk comes back as kUnavailable
// with EIO. Octets given by a read transaction are valid until it is reset; by a write transaction
// until the next put or erase.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/core/bytes.h"
#include "protocol/core/c_ptr.h"
#include "protocol/core/result.h"

namespace idnode::registry::lmdb {

enum class Table : std::uint8_t { kMeta, kPrefix, kCount, kPattern, kIds, kJournal };
inline constexpr std::size_t kTableCount = 6;

// LMDB's or the system's code as an Error.
Error to_error(int code, std::string_view where);
// What LMDB or the system says about a code.
std::string describe(int code);

inline constexpr int kMapFullCode = MDB_MAP_FULL;
inline constexpr int kMapResizedCode = MDB_MAP_RESIZED;
inline constexpr int kReadersFullCode = MDB_READERS_FULL;
inline constexpr int kNotLmdbCode = MDB_INVALID;
inline constexpr int kVersionCode = MDB_VERSION_MISMATCH;
inline constexpr int kPanicCode = MDB_PANIC;

struct EnvironmentOptions {
    bool read_only = true;
    bool synced = true;
    bool create_tables = false;
    // False: for one look at what hardly changes; takes no place among the readers, and so is not
    // protected from writers. The lock file is not touched.
    bool locked = true;
    std::uint64_t map_size = 0;  // 0: as the file says.
    unsigned reader_count_max = 126;
};

struct EnvironmentInfo {
    std::uint64_t map_size = 0;
    std::uint64_t page_size = 0;
    std::uint64_t page_count = 0;  // Pages of the file that have ever been used.
    std::uint64_t last_transaction = 0;
};

// A place in the table of readers.
struct ReaderSlot {
    long process = 0;
    std::uint64_t transaction = 0;  // Which snapshot it holds.
};

class Environment {
public:
    static Result<Environment> open(const std::string& directory,
                                    const EnvironmentOptions& options);

    [[nodiscard]] Result<EnvironmentInfo> info() const;
    // Snapshots held at this moment, of all processes.
    [[nodiscard]] std::vector<ReaderSlot> readers() const;
    unsigned reap_readers();
    // Writes the whole of one snapshot to an open file.
    Result<Done> copy_to(int file);

    // The open data file.
    [[nodiscard]] int file() const;
    [[nodiscard]] MDB_env* get() const { return env_.get(); }
    [[nodiscard]] MDB_dbi table(Table table) const {
        return tables_[static_cast<std::size_t>(table)];
    }

private:
    Result<Done> open_tables(bool create);

    CPtr<MDB_env, &mdb_env_close> env_;
    std::array<MDB_dbi, kTableCount> tables_{};
};

class Txn {
public:
    [[nodiscard]] Result<std::optional<ByteSpan>> get(Table table, ByteSpan key) const;
    [[nodiscard]] Result<std::uint64_t> entry_count(Table table) const;
    // The number of the snapshot or change.
    [[nodiscard]] std::uint64_t id() const { return mdb_txn_id(txn_.get()); }
    [[nodiscard]] MDB_txn* raw() const { return txn_.get(); }
    [[nodiscard]] const Environment& environment() const { return *environment_; }

protected:
    Txn(const Environment& environment, MDB_txn* txn) : environment_(&environment), txn_(txn) {}

    const Environment* environment_;
    CPtr<MDB_txn, &mdb_txn_abort> txn_;
};

class ReadTxn : public Txn {
public:
    static Result<ReadTxn> begin(const Environment& environment);
    // Gives the snapshot up; everything it gave is invalid then.
    void reset() { mdb_txn_reset(txn_.get()); }
    // Takes the newest state. Only after reset().
    Result<Done> renew();
    // Whether id() is certain to be the commit whose state the snapshot shows: it may be an older
    // one when something was committed while the snapshot was taken.
    [[nodiscard]] bool is_id_certain() const;

    // Pages that a later change may use again.
    [[nodiscard]] Result<std::uint64_t> free_page_count() const;

private:
    using Txn::Txn;
};

class WriteTxn : public Txn {
public:
    static Result<WriteTxn> begin(const Environment& environment);

    Result<Done> put(Table table, ByteSpan key, ByteSpan value);
    // As put, for a key behind all others of the table: fills pages from left to right.
    Result<Done> append(Table table, ByteSpan key, ByteSpan value);
    Result<Done> erase(Table table, ByteSpan key);

    // The transaction is gone afterwards, whether this succeeds or not: LMDB frees it in both
    // cases.
    Result<Done> commit() &&;

private:
    using Txn::Txn;
    Result<Done> store(Table table, ByteSpan key, ByteSpan value, unsigned flags);
};

struct Entry {
    ByteSpan key;
    ByteSpan value;
};

class Cursor {
public:
    static Result<Cursor> open(const Txn& txn, Table table);
    // Moves an open cursor of a read transaction to its renewed state.
    Result<Done> renew(const ReadTxn& txn);

    // Nothing: no such entry.
    Result<std::optional<Entry>> first() { return move(MDB_FIRST, {}); }
    Result<std::optional<Entry>> last() { return move(MDB_LAST, {}); }
    Result<std::optional<Entry>> next() { return move(MDB_NEXT, {}); }
    Result<std::optional<Entry>> previous() { return move(MDB_PREV, {}); }
    // The first entry with a key of at least `key`.
    Result<std::optional<Entry>> seek(ByteSpan key) { return move(MDB_SET_RANGE, key); }
    // The last entry with a key of at most `key`.
    Result<std::optional<Entry>> seek_back(ByteSpan key);
    // The same for the way of a lookup, which has one guard for all its reads and must call this
    // within it. False: no such entry, or `code` is not 0.
    bool seek_back_unguarded(ByteSpan key, ByteSpan& value, int& code);

private:
    explicit Cursor(MDB_cursor* cursor) : cursor_(cursor) {}
    Result<std::optional<Entry>> move(MDB_cursor_op operation, ByteSpan key);

    CPtr<MDB_cursor, &mdb_cursor_close> cursor_;
};

// The copy of octets that lie in the map, behind a guard.
Result<Done> copy_out(ByteSpan from, std::vector<std::uint8_t>& to);

}  // namespace idnode::registry::lmdb
