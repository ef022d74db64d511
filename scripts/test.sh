# shellcheck shell=bash
# ./dev test [PATTERN]: every program in the release build, unit and store tests under the sanitizers too.
# shellcheck source=scripts/build.sh
. scripts/build.sh

test_command() {
    [ $# -le 1 ] || die "usage: ./dev test [PATTERN]"
    local select=()
    [ -z "${1:-}" ] || select=(-R "$1")
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
    build_web
    build_preset release
    build_preset asan checks
    # One run over both trees, so that there is one summary.
    printf 'subdirs(release asan)\n' >build/CTestTestfile.cmake
    ctest --test-dir build -j"$JOBS" --output-on-failure --no-tests=error --no-label-summary "${select[@]}"
}
