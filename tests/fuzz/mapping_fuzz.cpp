#include <sstream>

#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "registry/row_mapper.h"

// Lines are --map options; the row has each column's own name as its text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode::registry;
    std::istringstream lines{std::string(idnode::to_text({octets, size}))};
    std::vector<std::string> options;
    for (std::string line; std::getline(lines, line);) options.push_back(line);
    const auto mapping = parse_mapping(options, {});
    if (!mapping) return 0;
    const std::vector<std::string_view> fields(mapping->columns.begin(), mapping->columns.end());
    RowMapper mapper(*mapping);
    MappedRow row;
    mapper.map(bind_columns(*mapping, fields).value(), fields, row);
    IDN_CHECK(row.columns.size() == row.combination->pattern.column_count);
    return 0;
}
