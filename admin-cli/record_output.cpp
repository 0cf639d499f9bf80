#include "admin-cli/record_output.h"

#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/value_text.h"

namespace idnode::cli {

Result<handle::RecordView> RecordSpread::spread(const registry::Record& record) {
    if (!values_.gather(record.fields, record.pattern)) {
        return tl::unexpected(Error{ErrorKind::kCorrupt, "own values", 0});
    }
    return handle::RecordView{record.fields.identifier, values_.values()};
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
