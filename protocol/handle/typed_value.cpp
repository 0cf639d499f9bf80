#include "protocol/handle/typed_value.h"

#include <algorithm>

#include "protocol/core/identifier.h"

namespace idnode::handle {

namespace {

struct KnownType {
    std::string_view name;
    DataForm form;
};

constexpr KnownType kKnownTypes[] = {
    {"HS_SITE", DataForm::kSite},          {"HS_SITE.PREFIX", DataForm::kSite},
    {"HS_SITE.6", DataForm::kSite},        {"HS_NA_DELEGATE", DataForm::kSite},
    {"HS_ADMIN", DataForm::kAdmin},        {"HS_VLIST", DataForm::kValueList},
    {"HS_PUBKEY", DataForm::kKey},         {"HS_SERV", DataForm::kHandle},
    {"HS_SERV.PREFIX", DataForm::kHandle}, {"HS_ALIAS", DataForm::kHandle},
};

}  // namespace

DataForm data_form_of(std::string_view type) {
    // Nearly every type is not one of these; the third octet tells.
    if (type.size() < 7 || type[2] != '_') return DataForm::kOpaque;
    const auto* const known = std::ranges::find_if(kKnownTypes, [type](const KnownType& candidate) {
        return is_same_type(type, candidate.name);
    });
    return known == std::end(kKnownTypes) ? DataForm::kOpaque : known->form;
}

bool is_same_type(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, fold_ascii, fold_ascii);
}

Result<std::string_view> decode_handle_data(ByteSpan data) {
    const std::string_view handle = to_text(data);
    if (handle.empty() || handle.size() > kWireIdentifierSizeMax || !is_utf8(handle)) {
        return tl::unexpected(Error{ErrorKind::kMalformed, "handle as data"});
    }
    return handle;
}

}  // namespace idnode::handle
