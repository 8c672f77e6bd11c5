#pragma once

#include <filesystem>

#include "core/math/worded_error.h"

namespace attn {

// Why a file could not be read or written, from errno, and what to do.
Wording file_problem(const std::filesystem::path& path, bool writing);

}  // namespace attn
