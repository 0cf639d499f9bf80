// Identifiers: folding keeps the size, is done once for all, and splits at the first slash.
#include "protocol/core/check.h"
#include "protocol/core/identifier.h"
#include "tests/fuzz/fuzz.h"

using namespace idnode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    const std::string_view text = to_text({octets, size});
    const FoldedIdentifier folded(text);
    const FoldedIdentifier again(folded.text());
    IDN_CHECK(folded.too_long() || again.text() == folded.text());
    IDN_CHECK(folded.prefix().find('/') == std::string_view::npos);
    IDN_CHECK(folded.prefix().size() + folded.suffix().size() <= folded.text().size());
    if (!registration_fault(text)) IDN_CHECK(is_utf8(text) && folded.text().size() == size);
    is_doubtful(text);
    return 0;
}
