// idnode info: what a registry holds and how it stands.
#include <fmt/format.h>

#include "admin-cli/commands.h"
#include "admin-cli/console.h"
#include "admin-cli/registry_option.h"
#include "protocol/core/json_writer.h"
#include "registry/block.h"

namespace idnode::cli {

namespace {

std::string_view form_name(std::uint8_t form) {
    switch (static_cast<registry::KeyForm>(form)) {
        case registry::KeyForm::kFrontCoded:
            return "front-coded";
        case registry::KeyForm::kNumeric:
            return "numeric";
        case registry::KeyForm::kCells:
            return "cells";
        case registry::KeyForm::kBuckets:
            return "buckets";
    }
    return "unknown";
}

std::string size_text(std::uint64_t octets) {
    constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(octets);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < kUnits.size()) {
        size /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", octets) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

double per_identifier(std::uint64_t octets, std::uint64_t identifiers) {
    return identifiers == 0 ? 0 : static_cast<double>(octets) / static_cast<double>(identifiers);
}

std::string time_text(std::uint64_t seconds) {
    constexpr std::uint64_t kMinute = 60;
    constexpr std::uint64_t kHour = 60 * kMinute;
    constexpr std::uint64_t kDay = 24 * kHour;
    if (seconds < 2 * kMinute) return fmt::format("{} s", seconds);
    if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
    if (seconds < 3 * kDay) return fmt::format("{} h", seconds / kHour);
    return fmt::format("{} days", seconds / kDay);
}

std::uint64_t growth_rate(const registry::Growth& growth) {
    return growth.size * 1'000 / std::max<std::uint64_t>(growth.time_ms, 1);
}

std::string growth_text(const registry::RegistryInfo& info) {
    const registry::Growth& growth = info.growth;
    if (!growth.known) return "not known: the last changes do not say how large the file was";
    if (growth.size == 0) return "not growing";
    std::string grown =
        fmt::format("{} in {}", size_text(growth.size), time_text(growth.time_ms / 1000));
    if (!info.disk_full_seconds || !info.map_full_seconds) return grown;
    return fmt::format("{}, {}/s; so the disk is full in {}, the map in {}", grown,
                       size_text(growth_rate(growth)), time_text(*info.disk_full_seconds),
                       time_text(*info.map_full_seconds));
}

std::string text_of(const registry::RegistryInfo& info) {
    std::string text = fmt::format(
        "registry       {}\nuuid           {}\nformat         {}.{}\n"
        "identifiers    {}\nprefixes       {}\npatterns       {}\n",
        info.path, info.uuid, info.format_major, info.format_minor, info.identifiers, info.prefixes,
        info.patterns);
    text += fmt::format("file           {}, {} in use ({:.2f} B per identifier), {} free pages\n",
                        size_text(info.file_size), size_text(info.used_size),
                        per_identifier(info.used_size, info.identifiers), info.free_pages);
    for (const registry::FormInfo& form : info.forms) {
        if (form.blocks == 0) continue;
        text += fmt::format("blocks         {}: {} with {} identifiers, {}, {} % full\n",
                            form_name(form.form), form.blocks, form.records,
                            size_text(form.stored_size),
                            form.used_size * 100 / std::max<std::uint64_t>(form.stored_size, 1));
    }
    text += fmt::format("map            {} of {}\ndisk           {} free of {}\n",
                        size_text(info.file_size), size_text(info.map_size),
                        size_text(info.disk_free), size_text(info.disk_size));
    text += fmt::format("growth         {}\n", growth_text(info));
    text += fmt::format("journal        {} entries, the last is {}\nreaders        {}",
                        info.journal_entries, info.journal_head, info.readers);
    if (info.oldest_reader_ms > 0) {
        text += fmt::format("; the oldest, of process {}, holds pages that changed {:.1f} s ago",
                            info.oldest_reader_process,
                            static_cast<double>(info.oldest_reader_ms) / 1000);
    }
    if (info.import) {
        text += fmt::format(
            "\nimport         of {}, {} rows so far: {}", info.import->input, info.import->rows,
            info.import->running ? "running"
                                 : "broken off; go on with the same command and --resume");
    }
    for (const std::string& warning : info.warnings) text += "\nwarning        " + warning;
    return text;
}

void write_forms(JsonWriter& json, const registry::RegistryInfo& info) {
    json.key("blocks").begin_array();
    for (const registry::FormInfo& form : info.forms) {
        json.begin_object().key("form").string(form_name(form.form));
        json.key("blocks").number(form.blocks).key("identifiers").number(form.records);
        json.key("usedBytes").number(form.used_size);
        json.key("storedBytes").number(form.stored_size).end_object();
    }
    json.end_array();
}

// Not known: no "growth" at all. Not growing: octets 0, and null for when something is full.
void write_growth(JsonWriter& json, const registry::RegistryInfo& info) {
    if (!info.growth.known) return;
    json.key("growth").begin_object().key("bytes").number(info.growth.size);
    json.key("ms").number(info.growth.time_ms);
    const auto write_time = [&](std::string_view key, std::optional<std::uint64_t> seconds) {
        json.key(key);
        seconds ? json.number(*seconds) : json.null();
    };
    write_time("diskFullSeconds", info.disk_full_seconds);
    write_time("mapFullSeconds", info.map_full_seconds);
    json.end_object();
}

std::string json_of(const registry::RegistryInfo& info) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("registry").string(info.path).key("uuid").string(info.uuid);
    json.key("format").string(fmt::format("{}.{}", info.format_major, info.format_minor));
    json.key("identifiers").number(info.identifiers).key("prefixes").number(info.prefixes);
    json.key("patterns").number(info.patterns);
    json.key("fileBytes").number(info.file_size).key("usedBytes").number(info.used_size);
    json.key("bytesPerIdentifier").real(per_identifier(info.used_size, info.identifiers), 3);
    json.key("freePages").number(info.free_pages).key("pageBytes").number(info.page_size);
    json.key("mapBytes").number(info.map_size).key("diskFreeBytes").number(info.disk_free);
    json.key("diskBytes").number(info.disk_size);
    json.key("journalEntries").number(info.journal_entries);
    json.key("journalHead").number(info.journal_head);
    json.key("lastChangeMs").number(info.last_change_ms).key("readers").number(info.readers);
    json.key("oldestReaderMs").number(info.oldest_reader_ms);
    json.key("oldestReaderProcess").signed_number(info.oldest_reader_process);
    write_growth(json, info);
    write_forms(json, info);
    if (info.import) {
        json.key("import").begin_object().key("running").boolean(info.import->running);
        json.key("input").string(info.import->input).key("rows").number(info.import->rows);
        json.key("beganMs").number(info.import->began_ms).end_object();
    }
    json.key("warnings").begin_array();
    for (const std::string& warning : info.warnings) json.string(warning);
    json.end_array().end_object();
    return line;
}

class InfoCommand final : public Command {
public:
    InfoCommand()
        : Command("info", "Describe a registry: contents, size, room, readers",
                  "idnode info --registry ./registry --json") {}

    std::vector<Option> options() override {
        return where_.with({{.names = "--json", .help = "One JSON document", .target = &json_}});
    }

    ExitCode run() override {
        const auto registry = where_.open(registry::Access::kRead);
        if (!registry) return where_.failure();
        const Result<registry::RegistryInfo> info = registry->info();
        if (!info) return say_trouble(*registry, info.error());
        return print_line(json_ ? json_of(*info) : text_of(*info));
    }

private:
    RegistryOption where_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace idnode::cli
