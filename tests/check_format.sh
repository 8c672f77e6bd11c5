#!/bin/sh
# Every C++ file stands as .clang-format says (clang-format 14).
cd "$(dirname "$0")/.." || exit 1
find app core tests -name '*.cpp' -o -name '*.h' | xargs clang-format --dry-run -Werror
