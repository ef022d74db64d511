#!/usr/bin/env bash
# The browser tests (tests/browser): real daemons of build/release, Debian's Chromium. ctest runs this as `browser`.
# VETCHART_SCREENS=1 also takes the pictures of docs/screens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../tests/browser"
exec node --test .
