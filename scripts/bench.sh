# shellcheck shell=bash
# ./dev bench: how fast a node answers over a large clinic (release build); prints medians and 95th percentiles.
# ./dev bench reports: how fast HQ's reports are over a large group (bench_reports.sh).
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=scripts/bench_reports.sh
. scripts/bench_reports.sh

bench_command() {
    case ${1:-} in
        "")
            install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
            build_preset release edge_tests
            build/release/tests/edge/edge_tests '[.bench]'
            ;;
        reports)
            shift
            bench_reports "$@"
            ;;
        *) die "usage: ./dev bench [reports [--keep] [--clinics N] [--patients N]]" ;;
    esac
}
