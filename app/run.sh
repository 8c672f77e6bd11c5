#!/bin/sh
# Installs what is missing, builds, and opens Attention Lab; further arguments go to the program.
# Without a display it prints where "it" looks and writes a picture instead.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)

"$here/app/install.sh" "$here/app/packages.txt"
build="$here/build/release"
if [ ! -f "$build/build.ninja" ]; then
  (cd "$here" && cmake --preset release -DATTN_TESTS=OFF >/dev/null)
fi
[ -x "$build/attnlab" ] || echo "Building Attention Lab: a few minutes, this once." >&2
# Quiet when there is nothing to do; a failure prints what the compiler said.
if ! cmake --build "$build" --target attnlab >"$build/build.log" 2>&1; then
  tail -n 40 "$build/build.log" >&2
  echo "The build failed; the whole log is in $build/build.log" >&2
  exit 1
fi
exec "$build/attnlab" "$@"
