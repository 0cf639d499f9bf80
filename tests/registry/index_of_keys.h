// An index of blocks over keys that a test gives: one prefix, number kPrefix, behind one block in
// front of its run. Blocks are told by their position.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "registry/block_index.h"

namespace idnode::registry {

class IndexOfKeys {
public:
    static constexpr std::uint32_t kPrefix = 3;
    static constexpr std::ptrdiff_t kCursor = -1;  // find(): the index does not say.

    // Suffixes in ascending order. `long_blocks`: positions of blocks above kBlockSize.
    explicit IndexOfKeys(const std::vector<std::string>& keys,
                         const std::set<std::size_t>& long_blocks = {}) {
        std::vector<BlockIndex::Found> blocks(keys.size() + 1);
        std::vector<IndexShape> shapes;
        BlockIndex::Run run;
        run.first = 1;
        run.count = static_cast<std::uint32_t>(keys.size());
        if (!keys.empty()) {
            const std::vector<std::string_view> views(keys.begin(), keys.end());
            shapes.emplace_back(views);
        }
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            blocks[i].address = page(i);
            if (i == 0) continue;
            blocks[i].bound = shapes[0].number_of(keys[i - 1]);
            blocks[i].is_cut = !shapes[0].covers(keys[i - 1]);
            blocks[i].is_long = long_blocks.contains(i - 1);
        }
        std::vector<BlockIndex::Run> runs(kPrefix + 1);
        runs[kPrefix] = run;
        index_ = std::make_unique<BlockIndex>(7, std::move(runs), std::move(shapes), blocks);
    }

    [[nodiscard]] BlockIndex& index() const { return *index_; }
    [[nodiscard]] std::ptrdiff_t find(std::string_view suffix) const {
        const BlockIndex::Run* const run = index_->run(kPrefix);
        const std::uint64_t number = index_->number_of(*run, suffix);
        const BlockIndex::Span span = index_->narrow_more(index_->narrow(*run, number), number);
        const std::uint8_t* const found = index_->find(span, number);
        return found == nullptr ? kCursor : (found - page(0)) / kPageOctets;
    }
    bool mark(std::string_view suffix, BlockIndex::Change change) {
        return index_->mark(kPrefix, suffix, suffix, change);
    }
    // One digit a block: 1 is marked.
    [[nodiscard]] std::string marks() const {
        std::string marks;
        for (std::size_t i = 0; i < index_->block_count(); ++i) {
            marks.push_back(index_->is_marked(i) ? '1' : '0');
        }
        return marks;
    }

private:
    static constexpr std::ptrdiff_t kPageOctets = kPageSize;
    // Where no memory is: an index looks at no block.
    static const std::uint8_t* page(std::size_t position) {
        return std::bit_cast<const std::uint8_t*>(0x1000'0010 + position * kPageOctets);
    }

    std::unique_ptr<BlockIndex> index_;
};

}  // namespace idnode::registry
