#include "admin-cli/record_output.h"

#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/value_text.h"

namespace idnode::cli {

Result<handle::RecordView> RecordSpread::spread(const registry::Record& record) {
    values_.clear();
    texts_.clear();
    registry::StoredValue stored;
    registry::ValueCursor cursor = record.values();
    while (cursor.next(stored)) {
        std::string& text = texts_.emplace_back();
        for (std::size_t i = 0; i < stored.piece_count; ++i) text += to_text(stored.pieces[i]);
        handle::ValueView& value = values_.emplace_back();
        value.index = stored.index;
        value.timestamp = stored.timestamp;
        value.ttl_type = stored.ttl_type;
        value.permissions = stored.permissions;
        value.ttl = stored.ttl;
        value.type = stored.type;
        value.references = stored.references;
    }
    if (!cursor.ok()) return tl::unexpected(Error{ErrorKind::kCorrupt, "own values", 0});
    // Only now do the texts stay where they are.
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i].data = to_bytes(texts_[i]);
    return handle::RecordView{record.fields.identifier, values_};
}

std::string record_json(const handle::RecordView& record) {
    std::string line;
    JsonWriter json(line);
    handle::write_record_json(json, record);
    return line;
}

std::string record_text(const handle::RecordView& record) {
    std::string text;
    handle::append_terminal_text(text, record.handle);
    for (const handle::ValueView& value : record.values) {
        text += '\n';
        handle::append_value_text(text, value);
    }
    return text;
}

}  // namespace idnode::cli
