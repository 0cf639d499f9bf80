// Builds a BlockIndex from LMDB's public calls: one walk over the keys of `ids`, beside serving.
//
// The walk renews its snapshot every second, so that it holds no pages; what changes meanwhile is
// in the journal behind base() and must be marked before the index is used. Reads leaf pages only.
// Memory while building: about 40 octets a block and 80 a prefix.
#pragma once

#include <memory>
#include <stop_token>

#include "protocol/core/result.h"
#include "registry/block_index.h"
#include "registry/lmdb.h"
#include "registry/prefix_table.h"
#include "registry/registry_parts.h"

namespace idnode::registry {

// Null when `stop` was asked for.
Result<std::shared_ptr<BlockIndex>> build_block_index(RegistryParts& parts,
                                                      const std::stop_token& stop);

// Marks what the journal names from the index's followed() to the snapshot's state; gives up the
// index when that cannot be told. One thread at a time. `prefixes` are those of the snapshot.
Result<Done> follow_journal(BlockIndex& index, const lmdb::ReadTxn& txn, const MetaState& state,
                            const PrefixesAt& prefixes);

}  // namespace idnode::registry
