#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/arguments.h"
#include "core/analysis/coreference.h"

namespace attn::app {

// Drawing with characters, for commands without a display.

// How many columns a text takes: Han and kana two, marks none.
int columns_of(std::string_view text);
// Bytes that are no UTF-8 become U+FFFD.
std::string valid_utf8(std::string_view text);
// With spaces behind, up to `columns`; never cut.
std::string padded(std::string_view text, int columns);
// A bar of blocks, `share` of `columns` long, in eighths.
std::string bar(double share, int columns);

// What coref says about a finished pass: heads ranked, the model's own answer where it has one.
CoreferenceReport make_report(const CommandPass& pass, const std::string& pronoun,
                              const std::vector<std::string>& candidates, Pool* pool);
void print_coreference(const CoreferenceReport& report, bool json);

}  // namespace attn::app
