// Rows of a generated set as text: CSV, and Handle JSON with one record to a line. Formatted by
// hand into one large buffer: millions of rows a second on one core.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/layout.h"
#include "bench/mixes.h"

namespace idnode::bench {

enum class RowFormat : std::uint8_t { kCsv, kJsonLines };

// Seconds since 1970 as 2023-11-14T22:13:20Z.
std::string iso_time(std::uint32_t seconds);

// The record as one line of Handle JSON, without line break.
std::string record_json(const Layout& layout, const Item& item);

// The header of the CSV, with line break.
std::string csv_header(const Layout& layout);

// One word for each mapping that `idnode import` needs for the CSV:
// "--map=URL@1=https://…{suffix}".
std::vector<std::string> map_arguments(const Layout& layout);

// Takes a piece of output; false: no more is wanted.
using RowSink = std::function<bool(std::string_view)>;

// Gives rows `from` .. `end` - 1 of the set to `sink` in pieces of about 1 MiB, CSV without header.
// False when the sink ended it.
bool write_rows(const Mix& mix, RowFormat format, std::uint64_t from, std::uint64_t end,
                const RowSink& sink);

}  // namespace idnode::bench
