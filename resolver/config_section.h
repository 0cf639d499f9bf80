// One section of a TOML file, read key by key into a configuration's members: a key that is absent
// leaves the default. The first problem is kept, later reads do nothing; finish() refuses keys that
// nobody asked for, naming the closest known one.
//
// Only for the reader of the configuration (config_reader.cpp); the only includer of toml++.
#pragma once

// Header-only and without exceptions: the shared library of the distribution throws.
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "protocol/core/problem.h"
#include "resolver/address.h"

namespace idnode::resolver {

// What is common to the sections of one file.
struct ConfigSource {
    std::string name;
    std::optional<Problem> problem;  // The first one.

    void refuse(const toml::source_region& place, std::string text, std::string remedy);
};

enum class PortRule : std::uint8_t {
    kRequired,  // "192.0.2.7:2641"
    kOptional,  // also "192.0.2.7"
};

class ConfigSection {
public:
    // `root` and `source` must outlive the section. It may be absent.
    ConfigSection(const toml::table& root, std::string_view name, ConfigSource& source);

    void text(std::string_view key, std::string& out);
    void flag(std::string_view key, bool& out);
    void endpoints(std::string_view key, PortRule rule, std::vector<Endpoint>& out);
    // A whole number from `min` to `max`.
    template <class Number>
    void number(std::string_view key, Number& out, std::uint64_t min,
                std::uint64_t max = std::numeric_limits<Number>::max()) {
        if (const auto value = bounded(key, min, max)) out = static_cast<Number>(*value);
    }
    // One of `choices`, by its place among them.
    std::optional<std::size_t> choice(std::string_view key,
                                      std::span<const std::string_view> choices);

    void finish();

    // Where item `index` of the array `key` stands, else the section.
    [[nodiscard]] toml::source_region place_of(std::string_view key, std::size_t index) const;

private:
    const toml::node* find(std::string_view key);
    std::optional<std::uint64_t> bounded(std::string_view key, std::uint64_t min,
                                         std::uint64_t max);
    void refuse_type(std::string_view key, const toml::node& node, std::string_view wanted);
    [[nodiscard]] std::string remedy_for(std::string_view unknown) const;

    std::string_view name_;
    ConfigSource& source_;
    const toml::table* table_ = nullptr;
    std::vector<std::string_view> known_;
};

}  // namespace idnode::resolver
