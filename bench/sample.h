// The sample registry's fifty enterprises: industries with identifiers shaped as such industries
// shape them (order of the table: largest enterprise first). Names are generic, hosts lie under
// example.com.
#pragma once

#include <span>
#include <string_view>

#include "bench/enterprises.h"

namespace idnode::bench {

struct SampleRow {
    std::string_view prefix;
    Form form;
    std::string_view literal;
    char separator;   // kProduct.
    int digits;       // kSerial.
    bool lower_case;  // kHex.
    Profile profile;
};

std::span<const SampleRow> sample_rows();

}  // namespace idnode::bench
