#!/bin/bash
# Builds every fuzz target with Clang and runs each for SECONDS (default 20), from its seeds.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-20}
cd "$here"
mkdir -p build/fuzz
cmake --preset fuzz >build/fuzz/configure.log 2>&1 || { cat build/fuzz/configure.log; exit 1; }
cmake --build --preset fuzz --target fuzzers >build/fuzz/build.log 2>&1 || { tail -n 60 build/fuzz/build.log; exit 1; }
status=0
for target in build/fuzz/tests/fuzz/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  corpus="build/fuzz/corpus/$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/seeds/${name#fuzz_}"
  [ -d "$seeds" ] || seeds=""
  if "$target" "$corpus" $seeds -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -artifact_prefix="build/fuzz/$name-" \
      >"build/fuzz/$name.log" 2>&1; then
    echo "$name: $(grep -oE 'stat::number_of_executed_units: *[0-9]+|Done [0-9]+ runs' "build/fuzz/$name.log" | tail -1)"
  else
    tail -n 40 "build/fuzz/$name.log"
    status=1
  fi
done
exit $status
