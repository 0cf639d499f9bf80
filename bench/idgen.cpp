// idgen: writes generated sets of identifiers for loading and measuring (bench/README.md).

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/layout.h"
#include "bench/mixes.h"
#include "bench/program.h"
#include "bench/rows.h"

namespace idnode::bench {
namespace {

struct Arguments {
    int mix = 0;
    bool sample = false;
    MixOptions set;
    std::string format = "csv";
    std::uint64_t from = 0;
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> key;
    std::optional<std::uint64_t> record;
    bool map = false;
    bool prefixes = false;
    bool enterprises = false;
    bool no_header = false;
};

void describe(CLI::App& app, Arguments& arguments) {
    app.description("Writes a generated set of identifiers as CSV or JSON lines, sorted bytewise.");
    app.footer(
        "Example:\n  mapfile -t maps < <(idgen --mix 0 --map)\n"
        "  idgen --mix 0 --count 1000000 | idnode import - --registry DIR --sorted --add-prefixes "
        "\\\n      \"${maps[@]}\"");
    app.add_option("--mix", arguments.mix, "0 mixed, 1 best, 2 bad, 3 a national node")
        ->check(CLI::Range(0, 3));
    app.add_option_function<std::string>(
           "--preset", [&](const std::string&) { arguments.sample = true; },
           "sample: fifty enterprises of different industries")
        ->check(CLI::IsMember({"sample"}));
    app.add_option("--count", arguments.set.count, "Identifiers in the set (default 1000000)");
    app.add_option("--seed", arguments.set.seed, "Another seed: other identifiers (default 1)");
    app.add_option("--format", arguments.format, "csv (default) or jsonl")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    app.add_option("--from", arguments.from, "Begin at this identifier, counted from 0");
    app.add_option("--rows", arguments.rows, "End after so many rows");
    app.add_flag("--no-header", arguments.no_header, "Leave out the CSV's header");
    app.add_option("--key", arguments.key, "Print identifier number KEY only");
    app.add_option("--record", arguments.record, "Print record number RECORD as Handle JSON only");
    app.add_flag("--map", arguments.map, "Print the mappings for idnode import, one word a line");
    app.add_flag("--prefixes", arguments.prefixes, "Print the prefixes, one a line");
    app.add_flag("--enterprises", arguments.enterprises,
                 "Print prefix, form, first index and count of each enterprise");
}

bool write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

int print(std::string_view text) {
    if (write_all(text)) return kDone;
    fmt::print(stderr, "idgen: cannot write the output: {}\n", std::strerror(errno));
    return kTrouble;
}

int wrong(std::string_view text) {
    fmt::print(stderr, "idgen: {}\n", text);
    return kWrongUsage;
}

int print_item(const Mix& mix, const Arguments& arguments) {
    const std::uint64_t index = arguments.key.value_or(arguments.record.value_or(0));
    if (index >= mix.count()) return wrong("the set has fewer identifiers; count from 0");
    MixReader reader(mix);
    Item item;
    reader.read(index, item);
    if (arguments.key) return print(fmt::format("{}\n", item.identifier.view()));
    return print(record_json(layout_of(mix.options().kind), item) + '\n');
}

int print_enterprises(const Mix& mix, bool prefixes_only) {
    std::string text;
    for (const Enterprise& enterprise : mix.enterprises()) {
        text += enterprise.prefix.view();
        if (!prefixes_only) {
            text += fmt::format("\t{}\t{}\t{}", name_of(enterprise.form), enterprise.first,
                                enterprise.count);
        }
        text += '\n';
    }
    return print(text);
}

int print_rows(const Mix& mix, const Arguments& arguments) {
    if (arguments.from > mix.count()) return wrong("--from lies behind the last identifier");
    const std::uint64_t left = mix.count() - arguments.from;
    const std::uint64_t end = arguments.from + std::min(arguments.rows.value_or(left), left);
    const RowFormat format = arguments.format == "csv" ? RowFormat::kCsv : RowFormat::kJsonLines;
    // A larger pipe saves half of the switches between writer and reader; without it it works too.
    static_cast<void>(::fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20));
    const bool has_header = format == RowFormat::kCsv && !arguments.no_header;
    const bool is_begun = !has_header || write_all(csv_header(layout_of(mix.options().kind)));
    if (is_begun && write_rows(mix, format, arguments.from, end, write_all)) return kDone;
    fmt::print(stderr, "idgen: cannot write the output: {}\n", std::strerror(errno));
    return kTrouble;
}

int run(Arguments arguments) {
    arguments.set.kind = arguments.sample ? MixKind::kSample : static_cast<MixKind>(arguments.mix);
    if (arguments.map) {
        std::string text;
        for (const std::string& word : map_arguments(layout_of(arguments.set.kind))) {
            text += word + '\n';
        }
        return print(text);
    }
    const Checked<Mix> mix = Mix::make(arguments.set);
    if (!mix) return wrong(mix.error().to_string());
    if (arguments.key || arguments.record) return print_item(*mix, arguments);
    if (arguments.prefixes || arguments.enterprises) {
        return print_enterprises(*mix, arguments.prefixes);
    }
    return print_rows(*mix, arguments);
}

int run_with(int argc, char** argv) {
    CLI::App app;
    Arguments arguments;
    describe(app, arguments);
    if (const auto code = parse_arguments(app, argc, argv)) return *code;
    return run(std::move(arguments));
}

}  // namespace
}  // namespace idnode::bench

int main(int argc, char** argv) {
    using namespace idnode::bench;
    return run_program("idgen", [&] { return run_with(argc, argv); });
}
