#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace attn {

// Where a person's own models are kept: $XDG_DATA_HOME/attnlab/models, else ~/.local/share/attnlab/models.
std::filesystem::path own_models_folder();

// Why a model cannot be called so, as one sentence; empty: it can. A name is a folder's: letters of any
// script, digits, - and _, at most 60 bytes.
std::string why_not_named(std::string_view name);

}  // namespace attn
