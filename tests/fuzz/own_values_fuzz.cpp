#include <vector>

#include "protocol/core/check.h"
#include "registry/own_values.h"

// What is read whole ascends, takes no more octets when it is encoded again, and comes back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
    using namespace idnode;
    registry::OwnValueReader reader({octets, size}, 7);
    std::vector<handle::ValueView> values;
    for (handle::ValueView value; reader.next(value);) values.push_back(value);
    if (!reader.ok()) return 0;
    std::string again;
    registry::encode_own_values(values, 7, again, reader.tlvs());
    registry::OwnValueReader second(to_bytes(again), 7);
    std::vector<handle::ValueView> back;
    for (handle::ValueView value; second.next(value);) back.push_back(value);
    IDN_CHECK(second.ok() && back.size() == values.size() && again.size() <= size);
    return 0;
}
