#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace attn::app {

// What the argument parser found wrong, in one plain sentence that ends with where to read more: "--model
// needs a value; attnlab attend --help says what there is". `program` has parsed as far as it could.
std::string in_plain_words(const CLI::ParseError& problem, const CLI::App& program);

}  // namespace attn::app
