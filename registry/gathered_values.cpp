#include "registry/gathered_values.h"

namespace idnode::registry {

bool GatheredValues::gather(ValueCursor cursor) {
    values_.clear();
    joined_.clear();
    text_.clear();
    StoredValue stored;
    while (cursor.next(stored)) {
        handle::ValueView& value = values_.emplace_back();
        value.index = stored.index;
        value.timestamp = stored.timestamp;
        value.ttl_type = stored.ttl_type;
        value.permissions = stored.permissions;
        value.ttl = stored.ttl;
        value.type = stored.type;
        value.references = stored.references;
        if (stored.piece_count == 1) {
            value.data = stored.pieces[0];
            continue;
        }
        joined_.push_back({values_.size() - 1, text_.size(), stored.data_size});
        for (std::size_t i = 0; i < stored.piece_count; ++i) text_ += to_text(stored.pieces[i]);
    }
    for (const Joined& joined : joined_) {
        values_[joined.value].data =
            to_bytes(std::string_view(text_).substr(joined.begin, joined.size));
    }
    return cursor.ok();
}

}  // namespace idnode::registry
