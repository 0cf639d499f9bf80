#include "admin-cli/record_output.h"

#include <iterator>

#include <fmt/format.h>

#include "protocol/core/json_writer.h"
#include "protocol/handle/record_json.h"
#include "protocol/handle/value_text.h"
#include "registry/key.h"

namespace idnode::cli {

Result<handle::RecordView> RecordSpread::spread(const registry::Record& record) {
    if (!values_.gather(record)) {
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

std::string damage_text(const registry::KeyRange& place, const Error& error) {
    std::string text = fmt::format("damaged: {}; ", error.where);
    if (place.from == place.to && !place.from.empty()) {
        handle::append_terminal_text(text, place.from);
        return text + " is left out";
    }
    text += "identifiers";
    const bool from_start = place.from.empty() || place.from == registry::kFirstBlockKey;
    if (from_start) {
        text += " from the first one";
    } else {
        handle::append_terminal_text(text.append(" from "), place.from);
    }
    if (place.to.empty()) {
        text += " to the last one";
    } else {
        handle::append_terminal_text(text.append(" to below "), place.to);
    }
    return text + " may be missing";
}

std::string shell_word(std::string_view text) {
    std::string shown;
    handle::append_terminal_text(shown, text);
    if (shown == text && text.find('\'') == std::string_view::npos) {
        return fmt::format("'{}'", text);
    }
    std::string word = "$'";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '\'' || c == '\\') {
            word += '\\';
            word += c;
        } else if (octet < 0x20 || octet > 0x7E) {
            fmt::format_to(std::back_inserter(word), "\\x{:02x}", octet);
        } else {
            word += c;
        }
    }
    return word + "'";
}

}  // namespace idnode::cli
