# shellcheck shell=bash
# ./dev bench reports [--keep] [--clinics N] [--patients N]: generates a large group in a private PostgreSQL, then runs
# every report for a year three times. The default is 200 clinics with about 2,000,000 bills of five years; it takes
# some 16 GB (half of it WAL) in build/bench while it runs. --keep leaves the database there, and a later run of the
# same size uses it.
# shellcheck source=scripts/demo_cluster.sh
. scripts/demo_cluster.sh

BENCH_FOLDER=build/bench
BENCH_YEARS=5
BENCH_UNTIL=2026-06-30
BENCH_FROM=2025-01-01
BENCH_TO=2025-12-31
BENCH_TARGET_MS=3000
BENCH_RUNS=3
BENCH_SOCKET=""

bench_close() {
    local status=$?
    trap - EXIT INT TERM HUP
    if [ -s "$BENCH_FOLDER/data/postmaster.pid" ]; then
        as_server "$PG_BIN/pg_ctl" -D "$PWD/$BENCH_FOLDER/data" -m fast -w stop >/dev/null || true
    fi
    if [ "$BENCH_KEEP" != yes ] || [ ! -e "$BENCH_FOLDER/made" ]; then rm -rf "$BENCH_FOLDER"; fi
    rm -rf "$BENCH_SOCKET"
    exit "$status"
}

# The settings of a server with 8 GB of memory and two cores; what is generated may be lost, so nothing waits for disks.
bench_start_postgres() {
    local settings
    BENCH_SOCKET=$(mktemp -d)
    chmod 711 "$BENCH_SOCKET"
    mkdir -p "$BENCH_FOLDER"
    [ "$(id -u)" != 0 ] || chown postgres: "$BENCH_FOLDER" "$BENCH_SOCKET"
    trap bench_close EXIT
    trap 'exit 130' INT TERM HUP
    if [ ! -s "$BENCH_FOLDER/data/PG_VERSION" ]; then
        as_server "$PG_BIN/initdb" -D "$PWD/$BENCH_FOLDER/data" -U vet -A trust -E UTF8 --locale=C.UTF-8 -N \
            >/dev/null || die "initdb failed: PostgreSQL's user needs to reach $PWD/$BENCH_FOLDER"
    fi
    settings="-c listen_addresses='' -c unix_socket_directories='$BENCH_SOCKET' -c fsync=off -c full_page_writes=off"
    settings+=" -c shared_buffers=2GB -c effective_cache_size=5GB -c work_mem=32MB -c maintenance_work_mem=512MB"
    settings+=" -c max_wal_size=8GB -c wal_compression=on -c random_page_cost=1.1"
    as_server "$PG_BIN/pg_ctl" -D "$PWD/$BENCH_FOLDER/data" -l "$PWD/$BENCH_FOLDER/log" -w -o "$settings" start \
        >/dev/null || die "PostgreSQL did not start: see $BENCH_FOLDER/log"
    export DATABASE_URL="host=$BENCH_SOCKET user=vet dbname=vetchart"
}

bench_make_group() { # CLINICS PATIENTS
    local began=$SECONDS counts
    rm -f "$BENCH_FOLDER/made"
    sql "host=$BENCH_SOCKET user=vet dbname=postgres" -c 'SET client_min_messages = warning' \
        -c 'DROP DATABASE IF EXISTS vetchart' -c 'CREATE DATABASE vetchart'
    "$CENTRAL" migrate >/dev/null
    counts=$("$CENTRAL" sample --clinics "$1" --patients "$2" --years $BENCH_YEARS --until $BENCH_UNTIL --json \
        2>"$BENCH_FOLDER/sample.log") || die "sample failed: $(tail -n 1 "$BENCH_FOLDER/sample.log")"
    jq -r '"made: \(.clinics) clinics, \(.patients) patients, \(.bills) bills, \(.rows) rows in \(.seconds) s, "
        + "\(.rows / ([.seconds, 1] | max) | floor) rows/s"' <<<"$counts"
    # What autovacuum does in the nights of a real server.
    sql "$DATABASE_URL" -c 'VACUUM (ANALYZE)'
    local size
    size=$(sql "$DATABASE_URL" -c 'SELECT pg_size_pretty(pg_database_size(current_database()))')
    say "vacuumed; the database has $size after $((SECONDS - began)) s"
    printf '%s\n' "$BENCH_GROUP" >"$BENCH_FOLDER/made"
}

# One report as a person gets it: a process of its own, freshness and JSON included; milliseconds of the wall.
bench_one_run() { # NAME ARGUMENT...
    local from to
    from=$(date +%s%N)
    "$CENTRAL" report "$@" --format json >"$BENCH_SOCKET/answer"
    to=$(date +%s%N)
    printf '%s\n' $(((to - from) / 1000000))
}

bench_report() { # NAME
    local range=(--from "$BENCH_FROM" --to "$BENCH_TO") times run verdict=yes
    case $1 in
        receivables) range=(--as-of "$BENCH_TO") ;;
        sync-lag) range=() ;;
    esac
    times=$(for ((run = 0; run < BENCH_RUNS; run++)); do bench_one_run "$1" "${range[@]}"; done | sort -n)
    local best median
    best=$(head -n 1 <<<"$times")
    median=$(sed -n "$(((BENCH_RUNS + 1) / 2))p" <<<"$times")
    [ "$median" -le $BENCH_TARGET_MS ] || verdict=NO
    printf '%-14s %8s %8s %8s   %s\n' "$1" "$(jq '.rows | length' "$BENCH_SOCKET/answer")" "$best" "$median" "$verdict"
    [ $verdict = yes ]
}

bench_reports() {
    local clinics=200 patients=440000 name slow=0
    BENCH_KEEP=no
    while [ $# -gt 0 ]; do
        case $1 in
            --keep) BENCH_KEEP=yes ;;
            --clinics | --patients)
                [[ ${2:-} =~ ^[1-9][0-9]{0,7}$ ]] || die "$1 needs a number"
                if [ "$1" = --clinics ]; then clinics=$2; else patients=$2; fi
                shift
                ;;
            *) die "usage: ./dev bench reports [--keep] [--clinics N] [--patients N]" ;;
        esac
        shift
    done
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
    build_programs
    bench_start_postgres
    BENCH_GROUP="$clinics clinics, $patients patients, $(sha256sum schema/postgres/*/*.sql | sha256sum | cut -c1-16)"
    if [ "$(cat "$BENCH_FOLDER/made" 2>/dev/null || true)" = "$BENCH_GROUP" ]; then
        say "the group of an earlier run is there: $BENCH_GROUP"
    else
        bench_make_group "$clinics" "$patients"
    fi
    say "milliseconds of $BENCH_RUNS runs, $BENCH_FROM to $BENCH_TO, target $BENCH_TARGET_MS"
    printf '%-14s %8s %8s %8s   %s\n' report rows best median "in time"
    for name in $("$CENTRAL" report list --json | jq -r '.[].name'); do
        bench_report "$name" || slow=$((slow + 1))
    done
    [ "$slow" = 0 ] || die "$slow reports took longer than $BENCH_TARGET_MS ms"
}
