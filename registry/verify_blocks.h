// The blocks of one key range, looked at closely: a part of verify (verify.h), for one thread.
//
// Records belong to the range that their identifier lies in; what a block says of itself belongs to
// the range that its key lies in. So each is looked at by one part, also while others write.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/block.h"
#include "registry/block_walk.h"
#include "registry/registry.h"
#include "registry/verify.h"

namespace idnode::registry {

// The first kFindingCountMax, and how many there are.
class FindingList {
public:
    void add(std::string what, std::string prefix = {}, KeyRange range = {});
    // A table whose own pages are damaged cannot be followed beyond the last key that was found.
    void add_table(std::string_view name, std::string_view last_key);
    // Those of `behind` come behind the own ones.
    void append(FindingList behind);

    [[nodiscard]] std::uint64_t total() const { return total_; }
    std::vector<Finding> take() && { return std::move(findings_); }

private:
    std::vector<Finding> findings_;
    std::uint64_t total_ = 0;
};

// "block 7 is damaged".
std::string damage_text(const Error& error);

// What the records of a prefix add up to.
struct RecordTally {
    std::uint64_t live = 0;
    std::uint64_t size = 0;
};

struct BlocksReport {
    std::uint64_t blocks = 0;
    std::uint64_t identifiers = 0;
    FindingList findings;
    bool damaged = false;                                  // Records may be hidden.
    std::map<std::uint8_t, FormInfo> forms;                // By key form.
    std::unordered_map<std::string, RecordTally> tallies;  // By folded prefix.
};

class BlockVerification {
public:
    // Blocks and identifiers looked at since the last call; false: give up.
    using OnProgress = std::function<bool(std::uint64_t blocks, std::uint64_t identifiers)>;

    BlockVerification(RegistryParts& parts, KeyRange range, OnProgress on_progress);

    // Fails when the registry cannot be read.
    Result<BlocksReport> run();

private:
    void tell_progress();
    void check_block();
    void check_form(const BlockView& block);
    void check_records(const BlockView& block);
    bool check_record(const Record& record, std::string_view folded);
    bool check_values(const Record& record, std::string_view folded);
    void check_order(std::string_view folded);
    RecordTally& tally_of(std::string_view folded);
    void report_block(std::string what, std::string_view folded);
    [[nodiscard]] bool is_own_block() const { return blocks_.key() >= range_.from; }
    [[nodiscard]] bool is_behind(std::string_view key) const {
        return !range_.to.empty() && key >= range_.to;
    }

    KeyRange range_;
    OnProgress on_progress_;
    BlockWalk blocks_;
    BlocksReport report_;
    std::uint64_t blocks_told_ = 0;
    std::uint64_t identifiers_told_ = 0;
    bool wanted_ = true;
    std::string start_;             // Prefix and slash of the record before,
    RecordTally* tally_ = nullptr;  // and its tally.
    std::string last_folded_;
    Record record_;
};

}  // namespace idnode::registry
