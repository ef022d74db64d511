# shellcheck shell=bash
# What every command shares: messages, and the packages it needs.

say() { printf '%s\n' "$*"; }
die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "packages are missing: run as root, or as a user with sudo"
    fi
}

# Everything is Debian 12's own. Not libboost-dev: it is 1.74 and would remove 1.81. The commands name these lists.
# shellcheck disable=SC2034
{
BUILD_PACKAGES=(
    ca-certificates ccache catch2 cmake g++ git libboost1.81-dev libcli11-dev libcpp-httplib-dev libcrypt-dev
    libicu-dev libpq-dev libpqxx-dev libsodium-dev libspdlog-dev libsqlite3-dev libsqlitecpp-dev libssl-dev
    libtomlplusplus-dev ninja-build nlohmann-json3-dev openssl pkg-config prometheus-cpp-dev zlib1g-dev
)
RUN_PACKAGES=(curl jq postgresql-15 postgresql-client-15 procps sqlite3 util-linux)
TEST_PACKAGES=(faketime)
LINT_PACKAGES=(clang-format-14 clang-tidy-19 shellcheck)
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

# Debian's PostgreSQL makes and starts a cluster of the system's own when installed. Nothing here wants one.
refuse_main_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    if ! is_installed postgresql-common && [ ! -e "$conf" ]; then
        as_root mkdir -p "${conf%/*}"
        printf 'create_main_cluster = false\n' | as_root tee "$conf" >/dev/null
    fi
}

# install_packages NAME...: quiet, and without any network, when all are there.
install_packages() {
    local missing=() name log
    command -v dpkg-query >/dev/null || die "this needs Debian 12 (dpkg-query is not there)"
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${#missing[@]} packages: ${missing[*]}"
    refuse_main_cluster
    log=$(mktemp)
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
            -o DPkg::Lock::Timeout=300 install "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        die "could not install: ${missing[*]} (is this Debian 12 with working apt sources?)"
    fi
    rm -f "$log"
}
