#!/usr/bin/env bash
# Prints web/src/common/rows.ts, the app's types of the synced tables, from the catalogue, when that is newer. It needs
# a C++ compiler and two seconds, no build: npm calls it before it checks, tests or builds the app.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=web/src/common/rows.ts
[ ! -e "$out" ] || [ -n "$(find sync/catalogue -newer "$out" -print -quit)" ] || exit 0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${CXX:-c++}" -std=c++20 -I. -o "$dir/print" sync/catalogue/catalogue.cpp sync/catalogue/tables.cpp \
    sync/catalogue/print/main.cpp sync/base/result.cpp
"$dir/print" >"$dir/rows.ts"
mv "$dir/rows.ts" "$out"
