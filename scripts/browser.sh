#!/usr/bin/env bash
# The browser tests (tests/browser): real daemons of build/release, Debian's Chromium. ctest runs this as `browser`.
# VETCHART_SCREENS=1 also takes the pictures of docs/screens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../tests/browser"

# Two halves at once, each with daemons of its own: one looks at every page, the other mostly waits for the sync.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
node --test sync.test.mjs day.test.mjs desk.test.mjs >"$log" 2>&1 &
half=$!
failed=0
node --test pages.test.mjs logins.test.mjs decisions.test.mjs || failed=1
wait "$half" || failed=1
cat "$log"
exit "$failed"
