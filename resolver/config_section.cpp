#include "resolver/config_section.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "registry/closest_name.h"

namespace idnode::resolver {

void ConfigSource::refuse(const toml::source_region& place, std::string text, std::string remedy) {
    if (problem) return;
    problem =
        Problem{name, place.begin.line, place.begin.column, std::move(text), std::move(remedy)};
}

ConfigSection::ConfigSection(const toml::table& root, std::string_view name, ConfigSource& source)
    : name_(name), source_(source) {
    const toml::node* node = root.get(name);
    if (node == nullptr) return;
    table_ = node->as_table();
    if (table_ != nullptr) return;
    source_.refuse(node->source(), fmt::format("{} is not a section", name),
                   fmt::format("write [{}] on a line of its own and its keys below", name));
}

const toml::node* ConfigSection::find(std::string_view key) {
    known_.push_back(key);
    if (table_ == nullptr || source_.problem) return nullptr;
    return table_->get(key);
}

void ConfigSection::text(std::string_view key, std::string& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::string>();
    if (!value) return refuse_type(key, *node, "a text in quotes");
    out = *value;
}

void ConfigSection::flag(std::string_view key, bool& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<bool>();
    if (!value) return refuse_type(key, *node, "true or false");
    out = *value;
}

std::optional<std::size_t> ConfigSection::choice(std::string_view key,
                                                 std::span<const std::string_view> choices) {
    const toml::node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const std::string value = node->value_exact<std::string>().value_or("");
    const auto at = std::find(choices.begin(), choices.end(), value);
    if (at == choices.end()) {
        refuse_type(key, *node, fmt::format("one of \"{}\"", fmt::join(choices, "\", \"")));
        return std::nullopt;
    }
    return static_cast<std::size_t>(at - choices.begin());
}

void ConfigSection::endpoints(std::string_view key, PortRule rule, std::vector<Endpoint>& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const toml::array* items = node->as_array();
    if (items == nullptr) return refuse_type(key, *node, "a list such as [\"127.0.0.1:2641\"]");
    out.clear();
    for (const toml::node& item : *items) {
        if (!item.is_string()) {
            return source_.refuse(item.source(),
                                  fmt::format("{}.{} must hold texts in quotes", name_, key),
                                  "write each as \"127.0.0.1:2641\"");
        }
        const std::string written = item.value_exact<std::string>().value_or("");
        auto endpoint = parse_endpoint(written);
        const auto address = parse_address(written);
        if (!endpoint && address && rule == PortRule::kOptional) endpoint = Endpoint{*address, 0};
        if (!endpoint) {
            return source_.refuse(
                item.source(), fmt::format("{}.{}: \"{}\" is not an address", name_, key, written),
                R"(write "192.0.2.7:2641" or "[2001:db8::7]:2641"; names are not looked up)");
        }
        if (std::find(out.begin(), out.end(), *endpoint) != out.end() && endpoint->port != 0) {
            return source_.refuse(item.source(),
                                  fmt::format("{}.{}: \"{}\" stands twice", name_, key, written),
                                  "remove one of the two");
        }
        out.push_back(*endpoint);
    }
}

std::optional<std::uint64_t> ConfigSection::bounded(std::string_view key, std::uint64_t min,
                                                    std::uint64_t max) {
    const toml::node* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= 0) {
        const auto number = static_cast<std::uint64_t>(*value);
        if (number >= min && number <= max) return number;
    }
    refuse_type(key, *node, fmt::format("a whole number from {} to {}", min, max));
    return std::nullopt;
}

void ConfigSection::refuse_type(std::string_view key, const toml::node& node,
                                std::string_view wanted) {
    source_.refuse(node.source(), fmt::format("{}.{} must be {}", name_, key, wanted),
                   fmt::format("correct the value, or remove the line for the default", key));
}

void ConfigSection::finish() {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
        if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
        return source_.refuse(key.source(),
                              fmt::format("unknown key \"{}\" in [{}]", key.str(), name_),
                              remedy_for(key.str()));
    }
}

std::string ConfigSection::remedy_for(std::string_view unknown) const {
    const std::string_view closest = registry::closest_name(unknown, known_);
    if (!closest.empty()) return fmt::format("did you mean \"{}\"?", closest);
    return fmt::format("remove it; [{}] knows {}", name_, fmt::join(known_, ", "));
}

toml::source_region ConfigSection::place_of(std::string_view key, std::size_t index) const {
    if (table_ == nullptr) return {};
    const toml::node* node = table_->get(key);
    if (node == nullptr) return table_->source();
    const toml::array* items = node->as_array();
    if (items == nullptr || index >= items->size()) return node->source();
    return items->get(index)->source();
}

}  // namespace idnode::resolver
