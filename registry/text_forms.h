// The forms that the texts at one place of many records have: which of them are one constant text,
// which hold the suffix of their identifier between constant ones, which share nothing.
//
// A form is a list of pieces with at most one column, number 0. What is rare is no form of its own:
// a constant is one when hardly another text occurs beside it, a template from one text in sixteen
// on. Forms depend on which texts there are, not on their order. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "registry/pattern.h"

namespace idnode::registry {

struct TextForms {
    std::vector<std::vector<Piece>> forms;
    std::vector<std::uint8_t> form_of;  // By text.
};

// `identifiers` are in registered case, as many as texts; at least one.
TextForms find_text_forms(std::span<const std::string_view> identifiers,
                          std::span<const std::string_view> texts);

// The suffix of an identifier in registered case: what is behind the first "/".
std::string_view suffix_in(std::string_view identifier);

}  // namespace idnode::registry
