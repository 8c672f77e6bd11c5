#pragma once

#include <string>
#include <string_view>

#include "app/look/words.h"
#include "core/math/worded_error.h"

namespace attn::app {

// A sentence of the core in the language of the window: from "problem.<key>" in the words files, or in
// English where there is none.
std::string in_words(const Words& words, const Wording& wording);

// What a model's card says in `field` ("trained_on"), in the language of the window where the words have it
// ("card.<model>.<field>": the built-in models); else `as_written`.
std::string card_text(const Words& words, std::string_view model, std::string_view field,
                      std::string_view as_written);

}  // namespace attn::app
