# shellcheck shell=bash
# ./dev build, and the builds that the other commands stand on.
# shellcheck source=scripts/web.sh
. scripts/web.sh

# Two compilers at once by default: the largest file alone needs 2 GiB under the sanitizers.
JOBS=${JOBS:-2}

# run_logged WHAT COMMAND...: quiet when it works; the end of the log and one line when not.
run_logged() {
    local what=$1 log
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        grep -E -A6 '(error|FAILED|Error)[: ]' "$log" | head -n 80 >&2 || tail -n 40 "$log" >&2
        say "the whole log: $log" >&2
        die "$what failed"
    fi
    # Warnings are shown, also when the build passes.
    grep -E -A4 'warning:' "$log" >&2 || true
    rm -f "$log"
}

configure() { # PRESET
    local options=(-DVETCHART_WERROR=OFF)
    [ "${CI:-}" != true ] || options=(-DVETCHART_WERROR=ON)
    run_logged "configuring build/$1" cmake --preset "$1" "${options[@]}"
}

build_preset() { # PRESET TARGET...
    local preset=$1 targets=()
    shift
    [ $# -eq 0 ] || targets=(--target "$@")
    configure "$preset"
    say "building build/$preset"
    run_logged "building build/$preset" cmake --build "build/$preset" -j"$JOBS" "${targets[@]}"
}

build_programs() {
    install_packages "${BUILD_PACKAGES[@]}"
    build_web
    build_preset release vetchart-edge vetchart-central
}

build_command() {
    [ $# -eq 0 ] || die "build takes no arguments"
    build_programs
    ls -1 build/release/vetchart-edge build/release/vetchart-central
}
