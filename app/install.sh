#!/bin/sh
# Installs the packages listed in the files given, where they are missing.
#   app/install.sh LIST…
set -eu

wanted=$(cat "$@" | grep -v '^#' | tr '\n' ' ')
# One question for all of them: this is asked at every start.
installed=" $(dpkg-query -W -f '${Package} ${Status}\n' $wanted 2>/dev/null | sed -n 's/ install ok installed$//p' | tr '\n' ' ')"
missing=""
for package in $wanted; do
  case "$installed" in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "This script installs packages with apt-get (Debian, Ubuntu). Install what these are called here:$missing" >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Run this as root, or install sudo: these packages are missing:$missing" >&2
    exit 1
  fi
  sudo="sudo"
fi
echo "Installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# A fresh machine has no package lists yet.
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
