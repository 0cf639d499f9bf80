#include "protocol/core/bytes.h"
#include "protocol/core/check.h"
#include "registry/csv_scanner.h"

// Rows follow each other to the end of the input, each longer than nothing; what a row is does not
// depend on how much is known of what follows it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode::registry;
    const std::string_view text = idnode::to_text({octets, size});
    CsvScanner scanner;
    CsvScanner early;
    for (std::size_t at = 0; at < text.size(); at += scanner.consumed()) {
        if (scanner.scan(text.substr(at), CsvText::kComplete) != CsvScan::kRow) break;
        IDN_CHECK(scanner.consumed() > 0 && scanner.size() <= scanner.consumed());
        const auto again = early.scan(text.substr(at, scanner.consumed()), CsvText::kMayGoOn);
        IDN_CHECK(again == CsvScan::kIncomplete || early.field_count() == scanner.field_count());
    }
    return 0;
}
