# shellcheck shell=bash
# ./dev bench: how fast a node answers over a large clinic (release build); prints medians and 95th percentiles.
# shellcheck source=scripts/build.sh
. scripts/build.sh

bench_command() {
    [ $# -eq 0 ] || die "bench takes no arguments"
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
    build_preset release edge_store_tests
    build/release/tests/store/edge_store_tests '[.bench]'
}
