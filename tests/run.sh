#!/bin/bash
# Installs what is missing, builds, and runs every test; starts its own virtual display where there is none.
#   tests/run.sh              unit, golden, walls, and the window
#   tests/run.sh --thorough   and formatting; the same tests built with Clang under AddressSanitizer and
#                             UndefinedBehaviorSanitizer; a few minutes of fuzzing; ThreadSanitizer on the worker
# Ends with a line "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
thorough=no
[ "${1:-}" = "--thorough" ] && thorough=yes

app/install.sh app/packages.txt tests/packages.txt || exit 1
if [ $thorough = yes ]; then app/install.sh tests/packages-thorough.txt || exit 1; fi

passed=0
failed=0
export LIBGL_ALWAYS_SOFTWARE=1
with_display=()
if [ -z "${DISPLAY:-}" ]; then
  # -noreset: otherwise the server forgets its settings when the last window closes.
  with_display=(xvfb-run -a -s "-screen 0 1920x1080x24 -noreset")
fi

# What begins, and how long after the start.
say() { printf '== %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

# run_tests NAME BUILD_FOLDER [ctest arguments]: runs and counts.
run_tests() {
  local name=$1 folder=$2 log n_passed n_all
  shift 2
  log="$folder/ctest.log"
  say "tests: $name"
  "${with_display[@]}" ctest --test-dir "$folder" --output-on-failure -j "$(nproc)" "$@" >"$log" 2>&1
  local status=$?
  n_all=$(sed -n 's/.*tests failed out of \([0-9]*\).*/\1/p' "$log" | tail -1)
  n_failed=$(sed -n 's/.*, \([0-9]*\) tests failed out of.*/\1/p' "$log" | tail -1)
  if [ $status -ne 0 ] || [ -z "$n_all" ]; then
    awk '/\*\*\*/ {on = 1} /^ +Start / {on = 0} on' "$log" | head -n 300  # what the failed ones said
    tail -n 30 "$log"
  else
    grep -E 'tests passed|Total Test time' "$log"
  fi
  [ -n "$n_all" ] || { n_all=1; n_failed=1; }
  passed=$((passed + n_all - n_failed))
  failed=$((failed + n_failed))
}

# run_programs NAME BUILD_FOLDER FILTER: the unit tests again, many in one process, because under a sanitizer the start
# of one takes longer than most tests.
run_programs() {
  local name=$1 folder=$2 filter=$3 logs="$2/programs" program log n_here=0
  say "tests: $name"
  rm -rf "$logs" && mkdir -p "$logs"
  for program in $(find "$folder/tests" -maxdepth 1 -type f -executable -name 'test_*' |
                   grep -vE '/test_app_(gl|views|widgets|window)$'); do
    for shard in 0 1 2 3; do echo "$program $shard $logs/$(basename "$program").$shard.log"; done
  done >"$logs/list"
  GTEST_TOTAL_SHARDS=4 GTEST_FILTER="$filter" xargs -P "$(nproc)" -n 3 bash -c \
    'GTEST_SHARD_INDEX=$1 timeout 900 "$0" >"$2" 2>&1 || echo "exit status $?" >>"$2"' <"$logs/list"
  for log in "$logs"/*.log; do
    local n_passed n_failed=0
    n_passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log")
    if tail -n 1 "$log" | grep -q '^exit status'; then
      n_failed=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*listed below.*/\1/p' "$log")
      n_failed=${n_failed:-1}
      grep -vE '^\[( RUN  |       OK |---)' "$log" | tail -n 120
    fi
    passed=$((passed + ${n_passed:-0}))
    failed=$((failed + n_failed))
    n_here=$((n_here + ${n_passed:-0}))
  done
  echo "$n_here tests passed"
}

# check NAME COMMAND…: one more thing that passes or fails.
check() {
  local name=$1
  shift
  say "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name"; fi
}

build() {
  local preset=$1
  shift
  say "build: $preset"
  cmake --preset "$preset" -DATTN_TESTS=ON >"/tmp/attn-configure-$preset.log" 2>&1 || { cat "/tmp/attn-configure-$preset.log"; return 1; }
  cmake --build --preset "$preset" "$@" >"build/$preset/build.log" 2>&1 || { tail -n 60 "build/$preset/build.log"; return 1; }
}

build release || { echo "0 passed, 1 failed"; exit 1; }
run_tests release build/release

if [ $thorough = yes ]; then
  check formatting tests/check_format.sh

  if build asan; then
    export UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS="suppressions=$here/tests/lsan.supp:print_suppressions=0"
    # All but what measures how well a model learned (the same code as in the other tests of training, for long)
    # and what reads the sources.
    ASAN_OPTIONS=detect_stack_use_after_return=1 run_programs "AddressSanitizer, UndefinedBehaviorSanitizer" build/asan \
      '-Pronouns.*:Translator.*:Tagger.*:HeldOut.*:Walls.*:Wording.*:Words.*:Trainer.Learns*:Evaluate.*'
    # The software renderer leaks a little of its own when it is unloaded.
    ASAN_OPTIONS=detect_leaks=0 run_tests "AddressSanitizer, UndefinedBehaviorSanitizer: the window" build/asan -L 'window|program'
    check fuzzing tests/fuzz/run.sh
  else
    failed=$((failed + 1))
  fi

  if build tsan --target test_app_worker test_math; then
    run_tests "ThreadSanitizer on the worker and the pool" build/tsan -R '^(Worker|JobLane|Pool)\.'
  else
    failed=$((failed + 1))
  fi

fi

say "done"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
