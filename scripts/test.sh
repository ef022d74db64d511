# shellcheck shell=bash
# ./dev test [--list] [PATTERN]: every program in the release build, those marked SANITIZED under the sanitizers too,
# and the clinic's app in a browser; with PATTERN only the tests whose name matches, and only what those need is built.
# --list says which tests those are and what they need, and builds nothing.
# shellcheck source=scripts/build.sh
. scripts/build.sh

# One run over both trees and the browser, so that there is one summary. The browser's tests wait for what they see
# within seconds: they run alone.
write_test_list() {
    mkdir -p build
    cat >build/CTestTestfile.cmake <<TEXT
subdirs(release asan)
add_test([=[browser]=] "$PWD/scripts/browser.sh")
set_tests_properties([=[browser]=] PROPERTIES RUN_SERIAL TRUE TIMEOUT 900)
TEXT
}

# Lines `TREE TARGET`, of what the tests need whose names come in. A test's name is its program's, after `asan.` in that
# tree; the programs under test are a part of e2e_tests, and the arrows need nothing built.
needed_targets() {
    local name
    while read -r name; do
        case $name in
            asan.*) printf 'asan %s\n' "${name#asan.}" ;;
            arrows) ;;
            browser) printf 'release vetchart-edge\nrelease vetchart-central\n' ;;
            *) printf 'release %s\n' "$name" ;;
        esac
    done | sort -u
}

test_command() {
    local list=false select=() names needed tree targets
    if [ "${1:-}" = --list ]; then
        list=true
        shift
    fi
    [ $# -le 1 ] || die "usage: ./dev test [--list] [PATTERN]"
    [ -z "${1:-}" ] || select=(-R "$1")
    install_packages "${BUILD_PACKAGES[@]}"
    configure release
    configure asan
    write_test_list
    names=$(ctest --test-dir build -N "${select[@]}" | sed -n 's/^ *Test *#[0-9]*: \([^ ]*\).*/\1/p')
    [ -n "$names" ] || die "no test's name matches ${1:-}"
    needed=$(needed_targets <<<"$names")
    if [ "$list" = true ]; then
        printf 'tests:\n%s\nbuilt before them:\n%s\n' "$names" "$needed"
        return
    fi
    install_packages "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
    build_web
    if grep -qx browser <<<"$names"; then
        install_packages "${BROWSER_PACKAGES[@]}"
        npm_install tests/browser
    fi
    for tree in release asan; do
        mapfile -t targets < <(sed -n "s/^$tree //p" <<<"$needed")
        # Without a pattern the release tree is built whole, with the tools that no test runs.
        if [ "$tree" = release ] && [ ${#select[@]} -eq 0 ]; then targets=(all); fi
        if [ ${#targets[@]} -gt 0 ]; then build_preset "$tree" "${targets[@]}"; fi
    done
    ctest --test-dir build -j"$JOBS" --output-on-failure --no-tests=error --no-label-summary "${select[@]}"
}
