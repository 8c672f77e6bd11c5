#!/bin/bash
# Runs every fuzz target for SECONDS (default 30), from its seeds, as many at once as there are cores. They are
# part of the asan preset: cmake --preset asan && cmake --build --preset asan --target fuzzers
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-30}
cd "$here"
if [ ! -d build/asan/tests/fuzz ]; then
  cmake --preset asan >/dev/null && cmake --build --preset asan --target fuzzers || exit 1
fi
export LSAN_OPTIONS=suppressions=$here/tests/lsan.supp:print_suppressions=0

fuzz_one() {
  local target=$1 seconds=$2 name corpus seeds log
  name=$(basename "$target")
  corpus="build/asan/corpus/$name"
  log="build/asan/$name.log"
  mkdir -p "$corpus"
  seeds="tests/fuzz/seeds/${name#fuzz_}"
  [ -d "$seeds" ] || seeds=""
  if "$target" "$corpus" $seeds -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
      -artifact_prefix="build/asan/$name-" >"$log" 2>&1; then
    echo "$name: $(grep -oE 'Done [0-9]+ runs' "$log" | tail -1)"
  else
    tail -n 40 "$log"
    return 1
  fi
}
export -f fuzz_one

find build/asan/tests/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' -print0 |
  xargs -0 -P "$(nproc)" -I TARGET bash -c 'fuzz_one TARGET '"$seconds"
