#include "registry/lmdb.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "registry/page_fault_guard.h"

namespace idnode::registry::lmdb {

namespace {

constexpr std::array<const char*, kTableCount> kTableNames = {"meta",    "prefix", "count",
                                                              "pattern", "ids",    "journal"};
constexpr mode_t kFileMode = 0660;

Result<Done> done_or_error(int code, std::string_view where) {
    if (code != MDB_SUCCESS) return tl::unexpected(to_error(code, where));
    return Done{};
}

// One LMDB call behind a guard: EIO when the disk could not serve a page, MDB_CORRUPTED when what
// stands in a page leads astray.
template <class Call>
int guarded(Call call) {
    int code = EIO;
    auto body = [&] { code = call(); };
    switch (run_distrusting(body)) {
        case BodyEnd::kUnreadable:
            return EIO;
        case BodyEnd::kDamaged:
            return MDB_CORRUPTED;
        default:
            return code;
    }
}

// LMDB ends the process when this returns.
void on_failed_assertion(MDB_env* /*env*/, const char* /*text*/) { leave_damaged_page(); }

// What no table holds: such sizes stand in damaged pages.
constexpr std::size_t kKeySizeMax = 511;
constexpr std::size_t kStoredSizeMax = 16 * 1'048'576;
// Values up to here lie in the page of their key; a longer one is read by copy_out() alone, or
// behind a guard.
constexpr std::size_t kInlineSizeMax = 2'048;

// Meets what would fault later, where nobody waits for it.
void touch(const MDB_val& octets) {
    if (octets.mv_size == 0) return;
    const auto* const first = static_cast<const volatile std::uint8_t*>(octets.mv_data);
    static_cast<void>(*first);
    static_cast<void>(first[octets.mv_size - 1]);
}

int get_entry(MDB_cursor* cursor, MDB_val& key, MDB_val& value, MDB_cursor_op operation) {
    const int code = mdb_cursor_get(cursor, &key, &value, operation);
    if (code != 0) return code;
    if (key.mv_data == nullptr || value.mv_data == nullptr) return MDB_CORRUPTED;
    if (key.mv_size > kKeySizeMax || value.mv_size > kStoredSizeMax) return MDB_CORRUPTED;
    touch(key);
    if (value.mv_size <= kInlineSizeMax) touch(value);
    return code;
}

MDB_val to_val(ByteSpan bytes) {
    // LMDB's interface has no const; it only reads keys and values given to it.
    return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};
}

ByteSpan to_span(const MDB_val& value) {
    return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

std::string_view next_word(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
    rest.remove_prefix(word.size());
    return word;
}

// mdb_reader_list speaks in lines "process thread snapshot"; a place that holds none has "-".
int on_reader_line(const char* line, void* context) {
    std::string_view rest = line;
    const std::string_view process = next_word(rest);
    next_word(rest);
    const std::string_view transaction = next_word(rest);
    ReaderSlot slot;
    const auto read = [](std::string_view word, auto& number) {
        return std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc();
    };
    if (read(process, slot.process) && read(transaction, slot.transaction)) {
        static_cast<std::vector<ReaderSlot>*>(context)->push_back(slot);
    }
    return 0;
}

}  // namespace

Error to_error(int code, std::string_view where) {
    switch (code) {
        case EACCES:
        case EPERM:
        case EROFS:
            return {ErrorKind::kDenied, where, code};
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_INVALID:
            return {ErrorKind::kCorrupt, where, code};
        case MDB_VERSION_MISMATCH:
        case MDB_INCOMPATIBLE:
            return {ErrorKind::kUnsupported, where, code};
        case MDB_READERS_FULL:
        case MDB_TXN_FULL:
        case ENOMEM:
            return {ErrorKind::kOverloaded, where, code};
        default:
            return {ErrorKind::kUnavailable, where, code};
    }
}

std::string describe(int code) { return mdb_strerror(code); }

Result<Environment> Environment::open(const std::string& directory,
                                      const EnvironmentOptions& options) {
    Environment environment;
    MDB_env* env = nullptr;
    if (const int code = mdb_env_create(&env); code != 0) {
        return tl::unexpected(to_error(code, "create environment"));
    }
    environment.env_.reset(env);
    mdb_env_set_assert(env, &on_failed_assertion);
    mdb_env_set_maxdbs(env, 32);  // The tables of today and those that the format has names for.
    mdb_env_set_maxreaders(env, options.reader_count_max);
    if (options.map_size != 0) mdb_env_set_mapsize(env, options.map_size);
    // Without MDB_NORDAHEAD one lookup on a cold file reads megabytes; with MDB_NOTLS a read
    // transaction belongs to an object and not to a thread.
    unsigned flags = MDB_NORDAHEAD | MDB_NOTLS;
    if (options.read_only) flags |= MDB_RDONLY;
    if (!options.synced) flags |= MDB_NOSYNC;
    if (!options.locked) flags |= MDB_NOLOCK;
    const int code =
        guarded([&] { return mdb_env_open(env, directory.c_str(), flags, kFileMode); });
    if (code != 0) return tl::unexpected(to_error(code, "open environment"));
    if (auto opened = environment.open_tables(options.create_tables); !opened) {
        return tl::unexpected(opened.error());
    }
    return environment;
}

Result<Done> Environment::open_tables(bool create) {
    MDB_txn* raw = nullptr;
    const unsigned txn_flags = create ? 0U : unsigned{MDB_RDONLY};
    int code = guarded([&] { return mdb_txn_begin(env_.get(), nullptr, txn_flags, &raw); });
    if (code != 0) return tl::unexpected(to_error(code, "begin"));
    CPtr<MDB_txn, &mdb_txn_abort> txn(raw);
    for (std::size_t i = 0; i < kTableCount; ++i) {
        const unsigned flags = create ? unsigned{MDB_CREATE} : 0U;
        code = guarded([&] { return mdb_dbi_open(raw, kTableNames[i], flags, &tables_[i]); });
        // A file of LMDB without our tables is something else's.
        if (code == MDB_NOTFOUND) code = MDB_INVALID;
        if (code != 0) return tl::unexpected(to_error(code, "open tables"));
    }
    return done_or_error(mdb_txn_commit(txn.release()), "open tables");
}

Result<EnvironmentInfo> Environment::info() const {
    MDB_envinfo info;
    MDB_stat stat;
    const int code = guarded([&] {
        const int failed = mdb_env_info(env_.get(), &info);
        return failed != 0 ? failed : mdb_env_stat(env_.get(), &stat);
    });
    if (code != 0) return tl::unexpected(to_error(code, "environment"));
    return EnvironmentInfo{info.me_mapsize, stat.ms_psize, info.me_last_pgno + 1,
                           info.me_last_txnid};
}

std::vector<ReaderSlot> Environment::readers() const {
    std::vector<ReaderSlot> slots;
    mdb_reader_list(env_.get(), on_reader_line, &slots);
    return slots;
}

int Environment::file() const {
    int file = -1;
    mdb_env_get_fd(env_.get(), &file);
    return file;
}

unsigned Environment::reap_readers() {
    int dead = 0;
    mdb_reader_check(env_.get(), &dead);
    return dead > 0 ? static_cast<unsigned>(dead) : 0;
}

Result<Done> Environment::copy_to(int file) {
    // LMDB hands the map to write(2), which answers a page it cannot read with an error of its own.
    return done_or_error(mdb_env_copyfd(env_.get(), file), "copy");
}

Result<std::optional<ByteSpan>> Txn::get(Table table, ByteSpan key) const {
    MDB_val wanted = to_val(key);
    MDB_val found{};
    const MDB_dbi dbi = environment_->table(table);
    const int code = guarded([&] {
        const int got = mdb_get(txn_.get(), dbi, &wanted, &found);
        if (got != 0) return got;
        if (found.mv_data == nullptr || found.mv_size > kStoredSizeMax) return MDB_CORRUPTED;
        if (found.mv_size <= kInlineSizeMax) touch(found);
        return got;
    });
    if (code == MDB_NOTFOUND) return std::optional<ByteSpan>{};
    if (code != 0) return tl::unexpected(to_error(code, "get"));
    return to_span(found);
}

Result<std::uint64_t> Txn::entry_count(Table table) const {
    MDB_stat stat{};
    const MDB_dbi dbi = environment_->table(table);
    const int code = guarded([&] { return mdb_stat(txn_.get(), dbi, &stat); });
    if (code != 0) return tl::unexpected(to_error(code, "count"));
    return stat.ms_entries;
}

Result<ReadTxn> ReadTxn::begin(const Environment& environment) {
    MDB_txn* txn = nullptr;
    const int code =
        guarded([&] { return mdb_txn_begin(environment.get(), nullptr, MDB_RDONLY, &txn); });
    if (code != 0) return tl::unexpected(to_error(code, "begin snapshot"));
    return ReadTxn(environment, txn);
}

Result<Done> ReadTxn::renew() {
    return done_or_error(guarded([&] { return mdb_txn_renew(txn_.get()); }), "renew snapshot");
}

// LMDB reads the number first and the roots after it, out of the place that the second commit from
// then on writes to. When the newest commit still is that number, there was no such commit.
bool ReadTxn::is_id_certain() const {
    std::atomic_thread_fence(std::memory_order_acquire);
    MDB_envinfo info{};
    const int code = guarded([&] { return mdb_env_info(environment_->get(), &info); });
    return code == 0 && info.me_last_txnid == id();
}

Result<std::uint64_t> ReadTxn::free_page_count() const {
    constexpr MDB_dbi kFreeTable = 0;  // LMDB's own: transaction -> count and page numbers.
    MDB_cursor* raw = nullptr;
    int code = guarded([&] { return mdb_cursor_open(txn_.get(), kFreeTable, &raw); });
    if (code != 0) return tl::unexpected(to_error(code, "free pages"));
    const CPtr<MDB_cursor, &mdb_cursor_close> cursor(raw);
    std::uint64_t pages = 0;
    code = guarded([&]() -> int {
        MDB_val key{};
        MDB_val value{};
        int moved = mdb_cursor_get(raw, &key, &value, MDB_FIRST);
        for (; moved == 0; moved = mdb_cursor_get(raw, &key, &value, MDB_NEXT)) {
            std::size_t count = 0;
            if (value.mv_data == nullptr || value.mv_size < sizeof count) return MDB_CORRUPTED;
            std::memcpy(&count, value.mv_data, sizeof count);
            pages += count;
        }
        return moved;
    });
    if (code != MDB_NOTFOUND) return tl::unexpected(to_error(code, "free pages"));
    return pages;
}

Result<WriteTxn> WriteTxn::begin(const Environment& environment) {
    MDB_txn* txn = nullptr;
    const int code = guarded([&] { return mdb_txn_begin(environment.get(), nullptr, 0, &txn); });
    if (code != 0) return tl::unexpected(to_error(code, "begin"));
    return WriteTxn(environment, txn);
}

Result<Done> WriteTxn::store(Table table, ByteSpan key, ByteSpan value, unsigned flags) {
    MDB_val stored_key = to_val(key);
    MDB_val stored_value = to_val(value);
    const MDB_dbi dbi = environment_->table(table);
    return done_or_error(
        guarded([&] { return mdb_put(txn_.get(), dbi, &stored_key, &stored_value, flags); }),
        "put");
}

Result<Done> WriteTxn::put(Table table, ByteSpan key, ByteSpan value) {
    return store(table, key, value, 0);
}

Result<Done> WriteTxn::append(Table table, ByteSpan key, ByteSpan value) {
    return store(table, key, value, MDB_APPEND);
}

Result<Done> WriteTxn::erase(Table table, ByteSpan key) {
    MDB_val erased = to_val(key);
    const MDB_dbi dbi = environment_->table(table);
    return done_or_error(guarded([&] { return mdb_del(txn_.get(), dbi, &erased, nullptr); }),
                         "erase");
}

Result<Done> WriteTxn::commit() && {
    MDB_txn* txn = txn_.release();
    return done_or_error(guarded([&] { return mdb_txn_commit(txn); }), "commit");
}

Result<Cursor> Cursor::open(const Txn& txn, Table table) {
    MDB_cursor* cursor = nullptr;
    const MDB_dbi dbi = txn.environment().table(table);
    const int code = guarded([&] { return mdb_cursor_open(txn.raw(), dbi, &cursor); });
    if (code != 0) return tl::unexpected(to_error(code, "open cursor"));
    return Cursor(cursor);
}

Result<Done> Cursor::renew(const ReadTxn& txn) {
    return done_or_error(guarded([&] { return mdb_cursor_renew(txn.raw(), cursor_.get()); }),
                         "renew cursor");
}

Result<std::optional<Entry>> Cursor::move(MDB_cursor_op operation, ByteSpan key) {
    MDB_val found_key = to_val(key);
    MDB_val found{};
    const int code = guarded([&] { return get_entry(cursor_.get(), found_key, found, operation); });
    if (code == MDB_NOTFOUND) return std::optional<Entry>{};
    if (code != 0) return tl::unexpected(to_error(code, "cursor"));
    return Entry{to_span(found_key), to_span(found)};
}

Result<std::optional<Entry>> Cursor::seek_back(ByteSpan key) {
    const auto found = seek(key);
    if (!found) return found;
    if (!*found) return last();
    return std::ranges::equal((*found)->key, key) ? found : previous();
}

bool Cursor::seek_back_unguarded(ByteSpan key, ByteSpan& value, int& code) {
    MDB_val found_key = to_val(key);
    MDB_val found{};
    MDB_cursor* const cursor = cursor_.get();
    code = mdb_cursor_get(cursor, &found_key, &found, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) {
        code = mdb_cursor_get(cursor, &found_key, &found, MDB_LAST);
    } else if (code == 0 && (found_key.mv_size != key.size() ||
                             std::memcmp(found_key.mv_data, key.data(), key.size()) != 0)) {
        code = mdb_cursor_get(cursor, &found_key, &found, MDB_PREV);
    }
    value = to_span(found);
    const bool is_there = code == 0;
    if (code == MDB_NOTFOUND) code = 0;
    return is_there;
}

Result<Done> copy_out(ByteSpan from, std::vector<std::uint8_t>& to) {
    to.resize(from.size());
    const int code = guarded([&] {
        if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
        return 0;
    });
    return done_or_error(code, "read block");
}

}  // namespace idnode::registry::lmdb
