// A record's values as plain views, with the pieces of each value's data joined: for export, and
// for storing whole what has no pattern.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/handle/value.h"
#include "registry/record.h"

namespace idnode::registry {

class GatheredValues {
public:
    // False when the record contradicts itself. `pattern` is null when it is stored whole.
    bool gather(const RecordFields& fields, const Pattern* pattern) {
        return gather(ValueCursor(fields, pattern));
    }
    bool gather(const Record& record) { return gather(record.values()); }

    // In ascending index; they point into what the record points into, and into this object until
    // the next gather.
    [[nodiscard]] std::span<const handle::ValueView> values() const { return values_; }

private:
    bool gather(ValueCursor cursor);

    struct Joined {
        std::size_t value = 0;
        std::size_t begin = 0;
        std::size_t size = 0;
    };

    std::vector<handle::ValueView> values_;
    std::vector<Joined> joined_;
    std::string text_;
};

}  // namespace idnode::registry
