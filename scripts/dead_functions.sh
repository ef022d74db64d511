#!/usr/bin/env bash
# Prints the functions of build/release that no program needs, one a line, each with what still names it; prints nothing
# when there is none. A function counts as needed when an object file of the programs refers to it, or when its own
# source file names it a second time (it may have been inlined). Run it after ./dev build; with the tests built too it
# says which of them only tests need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../build/release"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

objects() { # FOLDER...
    { find "$@" -name '*.o' 2>/dev/null || true; } | sort
}

references_of() { # the mangled names that object files on stdin refer to
    xargs -r objdump -r 2>/dev/null | awk '/R_X86_64/ { sub(/[-+]0x[0-9a-f]+$/, "", $3); print $3 }' | sort -u
}

objects sync host schema edge central | references_of >"$work/needed"
objects tests | references_of >"$work/tested"
objects sync host schema edge central | while read -r object; do
    nm --defined-only "$object" | awk -v object="$object" '$2 == "T" && $3 ~ /^_ZN?K?.*8vetchart/ { print $3, object }'
done | sort -k1,1 >"$work/defined"

join -v1 "$work/defined" "$work/needed" | while read -r symbol object; do
    name=$(c++filt -p "$symbol")
    name=${name%\[abi:*}
    word=${name##*::}
    source=../../$(sed -E 's,/CMakeFiles/[^/]*\.dir/,/,; s,\.o$,,' <<<"$object")
    # Of a class's constructor and destructor the compiler makes several.
    case $symbol in *C[12]E* | *D[012]Ev*) continue ;; esac
    # An object file without its source is of a file that was moved.
    if [ ! -f "$source" ]; then continue; fi
    if [ "$(grep -cw -- "${word//\~/}" "$source")" -gt 1 ]; then continue; fi
    if grep -qxF "$symbol" "$work/tested"; then
        printf '%s: %s (tests only)\n' "${source#../../}" "$name"
    else
        printf '%s: %s\n' "${source#../../}" "$name"
    fi
done | sort -u
