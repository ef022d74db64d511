# shellcheck shell=bash
# ./dev test [PATTERN]: every program in the release build, unit and store tests under the sanitizers too, and the
# clinic's app in a browser.
# shellcheck source=scripts/build.sh
. scripts/build.sh

test_command() {
    [ $# -le 1 ] || die "usage: ./dev test [PATTERN]"
    local select=()
    [ -z "${1:-}" ] || select=(-R "$1")
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${BROWSER_PACKAGES[@]}"
    build_web
    npm_install tests/browser
    build_preset release
    build_preset asan checks
    # One run over both trees and the browser, so that there is one summary. The browser's tests wait for what they see
    # within seconds: they run alone.
    cat >build/CTestTestfile.cmake <<TEXT
subdirs(release asan)
add_test([=[browser]=] "$PWD/scripts/browser.sh")
set_tests_properties([=[browser]=] PROPERTIES RUN_SERIAL TRUE TIMEOUT 900)
TEXT
    ctest --test-dir build -j"$JOBS" --output-on-failure --no-tests=error --no-label-summary "${select[@]}"
}
