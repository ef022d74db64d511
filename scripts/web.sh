# shellcheck shell=bash
# The clinic's app: builds web/dist, which vetchart-edge carries inside. Node and npm are Debian's own.

WEB_PACKAGES=(nodejs npm)
# shellcheck disable=SC2034 # named by test.sh
BROWSER_PACKAGES=(chromium fonts-dejavu-core)

# A Node that is there already (a newer one, from elsewhere) is as good as Debian's.
install_node() {
    if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
    install_packages "${WEB_PACKAGES[@]}"
}

# npm_install DIR: the packages of DIR's lockfile, when it has changed since the last time.
npm_install() {
    local stamp=$1/node_modules/.lockfile-sha256 digest
    digest=$(sha256sum <"$1/package-lock.json")
    [ "$(cat "$stamp" 2>/dev/null || true)" != "$digest" ] || return 0
    say "installing the npm packages of $1"
    run_logged "npm ci in $1" npm --prefix "$1" ci --no-audit --no-fund
    printf '%s\n' "$digest" >"$stamp"
}

# What the app is made of; the same digest means that web/dist still stands.
web_digest() {
    find web \( -path web/node_modules -o -path web/dist \) -prune -o -type f -print0 | sort -z |
        xargs -0 sha256sum | sha256sum
}

build_web() {
    local digest
    scripts/print_rows.sh
    digest=$(web_digest)
    if [ -e web/dist/index.html ] && [ "$(cat web/node_modules/.built 2>/dev/null || true)" = "$digest" ]; then
        return
    fi
    install_node
    npm_install web
    say "building web/dist"
    run_logged "building web/dist" npm --prefix web run build
    run_logged "the app's unit tests" npm --prefix web test
    printf '%s\n' "$digest" >web/node_modules/.built
}
