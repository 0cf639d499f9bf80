#include "registry/registry.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "registry/directory.h"
#include "registry/lmdb.h"
#include "registry/meta.h"
#include "registry/registry_parts.h"
#include "tests/registry/test_registry.h"

namespace idnode::registry {
namespace {

using testing::HasSubstr;

mode_t mode_of(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

TEST(Registry, InitMakesFilesForTheGroupAndThePrefixOfPrefixHandles) {
    const TestRegistry registry(kNoPrefixes);
    EXPECT_EQ(mode_of(registry.path() + "/data.mdb"), 0660U);
    EXPECT_EQ(mode_of(registry.path() + "/lock.mdb"), 0660U);
    EXPECT_EQ(registry.get("0.NA/88.1"), "absent");
    EXPECT_EQ(registry.get("88.1/x"), "no prefix");
    EXPECT_EQ(registry.verify_text(), "clean");
}

TEST(Registry, InitRefusesADirectoryThatHoldsOne) {
    TestRegistry registry(kNoPrefixes);
    registry.close();
    const auto again = Registry::init(registry.path());
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().to_string(), HasSubstr("there is a registry already"));
    registry.open();
    EXPECT_EQ(registry.get("0.NA/x"), "absent");
}

TEST(Registry, InitRefusesMapSizesOutOfRange) {
    const ScratchDirectory directory;
    EXPECT_FALSE(Registry::init(directory.path("a"), {kMapSizeMin - 1}));
    EXPECT_FALSE(Registry::init(directory.path("a"), {kMapSizeMax + 1}));
    EXPECT_TRUE(Registry::init(directory.path("a"), {kMapSizeMin}));
}

TEST(Registry, InitRefusesAFile) {
    const ScratchDirectory directory;
    const auto made = Registry::init(directory.write("file", "x"));
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().to_string(), HasSubstr("not a directory"));
}

TEST(Registry, OpenSaysWhatIsMissing) {
    const ScratchDirectory directory;
    for (const std::string& path : {directory.path("none"), directory.path()}) {
        const auto opened = Registry::open(path, Access::kRead);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().file, path);
        EXPECT_THAT(opened.error().to_string(), HasSubstr("idnode init --registry " + path));
    }
}

TEST(Registry, OpenRefusesWhatIsNoRegistry) {
    const ScratchDirectory directory;
    EXPECT_FALSE(directory.write("data.mdb", std::string(100'000, 'x')).empty());
    const auto opened = Registry::open(directory.path(), Access::kRead);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().to_string(), HasSubstr("this is not a registry"));
}

// Someone who may not open the superuser's files, for as long as the object lives.
class OrdinaryUser {
public:
    OrdinaryUser() : user_(geteuid()) {
        constexpr uid_t kNobody = 65'534;
        EXPECT_EQ(seteuid(user_ == 0 ? kNobody : user_), 0);
    }
    ~OrdinaryUser() { EXPECT_EQ(seteuid(user_), 0); }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;

private:
    uid_t user_;
};

TEST(Registry, OpenNamesAFileThatMayNotBeOpened) {
    TestRegistry registry(kNoPrefixes);
    registry.close();
    for (const std::string& path : {registry.directory().path(), registry.path()}) {
        ASSERT_EQ(chmod(path.c_str(), 0755), 0);
    }
    for (const char* name : {"/lock.mdb", "/data.mdb"}) {
        const std::string file = registry.path() + name;
        ASSERT_EQ(chmod(file.c_str(), 0000), 0);
        const OrdinaryUser user;
        const auto opened = Registry::open(registry.path(), Access::kRead);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().file, file);
        EXPECT_THAT(opened.error().to_string(), HasSubstr("may not open it (owner"));
        EXPECT_FALSE(opened.error().remedy.empty());
    }
}

// Asked in a process of its own: a process does not see its own locks.
bool seen_open_by_others(const std::string& path) {
    const pid_t child = fork();
    if (child == 0) _exit(check_not_open(path) ? 1 : 0);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Registry, CheckTellsWhetherItCouldBeOpenedAndLeavesNoTrace) {
    TestRegistry registry(kNoPrefixes);
    registry.close();
    std::filesystem::remove(registry.path() + "/lock.mdb");
    const auto before = std::filesystem::last_write_time(registry.path());
    EXPECT_TRUE(Registry::check(registry.path()));
    EXPECT_FALSE(std::filesystem::exists(registry.path() + "/lock.mdb"));
    EXPECT_EQ(std::filesystem::last_write_time(registry.path()), before);
    EXPECT_THAT(Registry::check(registry.path() + "x").error().to_string(),
                HasSubstr("there is no registry"));
    const std::string junk = registry.directory().path("junk");
    std::filesystem::create_directory(junk);
    static_cast<void>(registry.directory().write("junk/data.mdb", std::string(8'192, 'x')));
    EXPECT_THAT(Registry::check(junk).error().to_string(), HasSubstr("this is not a registry"));
}

TEST(Registry, IsOpenedOnceInAProcess) {
    TestRegistry registry(kNoPrefixes);
    const auto again = Registry::open(registry.path(), Access::kRead);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().to_string(), HasSubstr("open already"));
    EXPECT_FALSE(Registry::check(registry.path()));
    EXPECT_FALSE(Registry::set_map_size(registry.path(), kMapSizeDefault));
    EXPECT_TRUE(seen_open_by_others(registry.path())) << "its locks went with the refused attempt";
    registry.close();
    EXPECT_TRUE(Registry::open(registry.path(), Access::kRead));
}

// Writes an identity record that another version of the program might have written.
void store_identity(TestRegistry& registry, const Identity& identity) {
    auto txn = lmdb::WriteTxn::begin(registry->parts().environment);
    ASSERT_TRUE(txn);
    const std::string stored = encode_identity(identity);
    ASSERT_TRUE(txn->put(lmdb::Table::kMeta, to_bytes(kIdentityKey), to_bytes(stored)));
    ASSERT_TRUE(std::move(*txn).commit());
}

TEST(Registry, RefusesAnUnknownFormat) {
    for (const bool required : {false, true}) {
        TestRegistry registry(kNoPrefixes);
        Identity identity;
        if (required) {
            identity.required_features = 1U << 31;
        } else {
            identity.format_major = kFormatMajor + 1;
        }
        store_identity(registry, identity);
        registry.close();
        const auto opened = Registry::open(registry.path(), Access::kRead);
        ASSERT_FALSE(opened);
        EXPECT_THAT(opened.error().to_string(),
                    HasSubstr("format that this program does not know"));
    }
}

TEST(Registry, OpensUnknownOptionalFeaturesForReadingOnly) {
    TestRegistry registry(kNoPrefixes);
    Identity identity;
    identity.optional_features = 1U << 31;
    store_identity(registry, identity);
    registry.close();
    EXPECT_TRUE(Registry::open(registry.path(), Access::kRead));
    const auto opened = Registry::open(registry.path(), Access::kWrite);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().to_string(), HasSubstr("cannot write"));
}

TEST(Registry, ReaderCannotWrite) {
    TestRegistry registry;
    registry.close();
    registry.open(Access::kRead);
    const auto writer = Writer::begin(*registry, Origin::kCommand);
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().kind, ErrorKind::kDenied);
}

TEST(Registry, MapSizeGrowsAndStays) {
    TestRegistry registry(kNoPrefixes, kMapSizeMin);
    EXPECT_EQ(registry->info()->map_size, kMapSizeMin);
    registry.close();
    ASSERT_TRUE(Registry::set_map_size(registry.path(), 8 * kMapSizeMin));
    registry.open();
    EXPECT_EQ(registry->info()->map_size, 8 * kMapSizeMin);
    registry.close();
    const auto shrunk = Registry::set_map_size(registry.path(), kMapSizeMin);
    ASSERT_FALSE(shrunk);
    EXPECT_THAT(shrunk.error().to_string(), HasSubstr("can only grow"));
}

TEST(Registry, InfoCounts) {
    TestRegistry registry({"88.1", "88.2"});
    registry.put("88.1/a", "x");
    registry.put("88.1/b", "x");
    registry.put("88.2/c", "x");
    registry.erase("88.1/a");
    const auto info = registry->info();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->identifiers, 2U);
    EXPECT_EQ(info->prefixes, 3U);
    EXPECT_EQ(info->patterns, 0U);
    ASSERT_EQ(info->forms.size(), 1U);
    EXPECT_EQ(info->forms[0].blocks, 1U);
    EXPECT_EQ(info->forms[0].stored_size, kBlockSize);
    EXPECT_LT(info->forms[0].used_size, kBlockSize);
    // The prefix 0.NA, two more, three puts, one delete.
    EXPECT_EQ(info->journal_head, 7U);
    EXPECT_EQ(info->journal_entries, 7U);
    EXPECT_EQ(info->map_size, 1ULL << 30);
    EXPECT_LE(info->used_size, info->file_size);
    EXPECT_GT(info->disk_size, info->disk_free);
    EXPECT_EQ(info->uuid.size(), 36U);
    EXPECT_GT(info->last_change_ms, 1'700'000'000'000U);
}

TEST(Registry, InfoTellsOfAReaderThatHoldsOldPages) {
    TestRegistry registry;
    RegistryReader reader(*registry);
    EXPECT_EQ(registry->info()->readers, 0U);
    {
        const auto snapshot = reader.snapshot();
        ASSERT_TRUE(snapshot);
        EXPECT_EQ(registry->info()->readers, 1U);
        EXPECT_EQ(registry->info()->oldest_reader_ms, 0U);  // Nothing has changed since.
        EXPECT_EQ(registry->info()->oldest_reader_process, 0);
        registry.put("88.1/a", "x");
        EXPECT_GT(registry->info()->oldest_reader_ms, 0U);
        EXPECT_EQ(registry->info()->oldest_reader_process, getpid());
    }
    EXPECT_EQ(registry->info()->readers, 0U);
    EXPECT_EQ(registry->info()->oldest_reader_ms, 0U);
}

// A process that takes a snapshot, says so through the pipe, and waits to be killed.
pid_t start_reader(const std::string& path, int& pipe_end) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto registry = Registry::open(path, Access::kRead);
        if (!registry) std::_Exit(1);
        RegistryReader reader(**registry);
        const auto snapshot = reader.snapshot();
        if (!snapshot || write(ends[1], "x", 1) != 1) std::_Exit(1);
        while (true) pause();
    }
    ::close(ends[1]);
    pipe_end = ends[0];
    return child;
}

TEST(Registry, PlacesOfDeadReadersAreFreed) {
    TestRegistry registry;
    registry.close();
    int pipe_end = -1;
    const pid_t child = start_reader(registry.path(), pipe_end);
    char ready = 0;
    ASSERT_EQ(read(pipe_end, &ready, 1), 1);
    registry.open();
    EXPECT_EQ(registry->info()->readers, 1U);
    EXPECT_EQ(registry->reap_readers(), 0U);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ::close(pipe_end);
    EXPECT_EQ(registry->info()->readers, 1U);
    EXPECT_EQ(registry->reap_readers(), 1U);
    EXPECT_EQ(registry->info()->readers, 0U);
}

TEST(Registry, WarnsWhenTheMapIsNearlyFull) {
    TestRegistry registry({"88.1"}, kMapSizeMin);
    EXPECT_TRUE(registry->info()->warnings.empty() ||
                registry->info()->warnings[0].find("map") == std::string::npos);
    const std::string text(30'000, 'x');
    for (int i = 0; i < 25; ++i) registry.put("88.1/" + std::to_string(10 + i), text);
    const auto info = registry->info();
    EXPECT_GT(info->used_size, kMapSizeMin / 5 * 4);
    EXPECT_THAT(info->warnings, testing::Contains(HasSubstr("the map is")));
}

TEST(Meta, RecordsComeBackAndShorterOnesAreRefused) {
    MetaState state;
    state.next_prefix_number = 7;
    state.prefix_epoch = 8;
    state.journal_sequence = 9;
    state.journal_hash.fill(0xAB);
    state.last_date_ms = 10;
    const std::string stored = encode_state(state);
    EXPECT_EQ(decode_state(to_bytes(stored)), state);
    for (std::size_t size = 0; size < stored.size(); ++size) {
        EXPECT_FALSE(decode_state(to_bytes(std::string(stored, 0, size))));
    }
    std::string damaged = stored;
    damaged[10] = static_cast<char>(damaged[10] ^ 1);
    EXPECT_EQ(decode_state(to_bytes(damaged)).error().kind, ErrorKind::kCorrupt);
}

TEST(Meta, CountsAndFormsComeBack) {
    const PrefixCounts counts{1, 2, 3};
    const auto decoded = decode_counts(to_bytes(encode_counts(counts)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->live, 1U);
    EXPECT_EQ(decoded->cumulative, 2U);
    EXPECT_EQ(decoded->size, 3U);
    const std::string forms = encode_forms({{1, 2, 3, 4, 5}, {2, 3, 4, 5, 6}});
    const auto both = decode_forms(to_bytes(forms));
    ASSERT_TRUE(both);
    ASSERT_EQ(both->size(), 2U);
    EXPECT_EQ((*both)[1].stored_size, 6U);
    EXPECT_TRUE(decode_forms(to_bytes(encode_forms({})))->empty());
}

TEST(Meta, UuidIsWrittenInGroups) {
    std::array<std::uint8_t, 16> uuid{};
    for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(i * 17);
    EXPECT_EQ(uuid_text(uuid), "00112233-4455-6677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace idnode::registry
