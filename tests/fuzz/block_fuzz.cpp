#include <algorithm>

#include "protocol/core/check.h"
#include "registry/block.h"

// Whatever a block holds, walking it ends, and what it finds it can load or calls damaged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode::registry;
    std::vector<std::uint8_t> block(octets, octets + size);
    block.resize(std::max(size, kBlockSize));
    const auto view = BlockView::open(block);
    if (!view) return 0;
    BlockCursor cursor(*view);
    Record record;
    for (auto more = cursor.next(record); more && *more; more = cursor.next(record)) {
        const auto found = view->find(cursor.folded());
        if (found && *found) IDN_CHECK(**found < view->record_count());
    }
    return 0;
}
