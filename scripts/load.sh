# shellcheck shell=bash
# ./dev load [node|central] [--rate R] [--seconds N] [--owners N] [--patients N]: does a server hold a fixed rate? Each
# mix of requests (tests/load/mixes.cpp) is sent at R a second (200), by the clock and not by the answers; p95 has to
# stay below 200 ms, p99 below 400 ms, and fewer than 1 % may fail.
#   node     a clinic of 150 owners, 300 patients and 900 records, whole lists as the old pages ask for them; then
#            400,000 owners and 1,000,000 patients, pages of 50, with one whole list streamed beside it
#   central  headquarters' pages, reports and the probes of the old load scripts, over eight clinics
# shellcheck source=scripts/build.sh
. scripts/build.sh
# shellcheck source=scripts/demo_cluster.sh
. scripts/demo_cluster.sh

LOAD_FAILED=0
LOAD_TOOL=build/release/tests/load/load_tool
LOAD_USER=admin@load.example
LOAD_PASSWORD="correct horse"
# What a node may have in memory at most while it streams a list of any length: its budget for bodies and answers, its
# readers' caches and its threads.
LOAD_MEMORY_MB=400

load_tool() { # COMMAND URL ARGUMENT...
    local command=$1 url=$2
    shift 2
    "$LOAD_TOOL" "$command" --url "$url" --user "$LOAD_USER" --password "$LOAD_PASSWORD" "$@"
}

load_new_node() { # NAME: a folder for work without central
    printf '%s\n' "$LOAD_PASSWORD" | "$EDGE" init --data "$DEMO_DIR/nodes/$1" --admin-email "$LOAD_USER" \
        --clinic-name Load >>"$DEMO_DIR/logs/admin" 2>&1
}

peak_mb() { # NAME: the most memory that a process had
    awk '/^VmHWM:/ { print int($2 / 1024) }' "/proc/${DEMO_PIDS[$1]}/status"
}

load_small() {
    load_new_node small
    start_node small
    load_tool make "${NODE_URL[small]}"
    say "whole lists: 150 owners, 300 patients, 900 records, 300 bills"
    load_tool run "${NODE_URL[small]}" --mix whole-lists --rate "$LOAD_RATE" --seconds "$LOAD_SECONDS" || LOAD_FAILED=1
    stop_process small
}

load_large() {
    local peak streaming
    load_new_node large
    say "filling a clinic of $LOAD_OWNERS owners and $LOAD_PATIENTS patients (a few minutes)"
    "$LOAD_TOOL" fill --data "$DEMO_DIR/nodes/large" --owners "$LOAD_OWNERS" --patients "$LOAD_PATIENTS"
    start_node large
    say "pages of 50, with the whole list of patients streamed beside them"
    load_tool stream "${NODE_URL[large]}" --path /api/patients >"$DEMO_DIR/logs/stream" 2>&1 &
    streaming=$!
    load_tool run "${NODE_URL[large]}" --mix pages --rate "$LOAD_RATE" --seconds "$LOAD_SECONDS" || LOAD_FAILED=1
    wait "$streaming" || LOAD_FAILED=1
    cat "$DEMO_DIR/logs/stream"
    peak=$(peak_mb large)
    say "the node had $peak MB in memory at most (bound: $LOAD_MEMORY_MB)"
    [ "$peak" -le "$LOAD_MEMORY_MB" ] || LOAD_FAILED=1
    stop_process large
}

load_headquarters() {
    start_postgres
    {
        "$CENTRAL" migrate
        "$CENTRAL" sample --clinics 8 --patients 4000 --years 2 --seed 7
        printf '%s\n' "$LOAD_PASSWORD" | "$CENTRAL" hq-user add --email "$LOAD_USER" --role admin
    } >>"$DEMO_DIR/logs/admin" 2>&1
    sql "$DEMO_DB" -c 'VACUUM (ANALYZE)'
    start_process central "$CENTRAL" serve --listen 127.0.0.1:0 --plain-http
    CENTRAL_URL=$(url_of central)
    say "headquarters over eight clinics of 500 patients"
    load_tool run "${CENTRAL_URL%/}" --mix headquarters --rate "$LOAD_RATE" --seconds "$LOAD_SECONDS" || LOAD_FAILED=1
    stop_process central
}

load_command() {
    local target=node usage="usage: ./dev load [node|central] [--rate R] [--seconds N] [--owners N] [--patients N]"
    LOAD_RATE=200 LOAD_SECONDS=30 LOAD_OWNERS=400000 LOAD_PATIENTS=1000000
    case ${1:-} in
        node | central) target=$1 && shift ;;
    esac
    while [ $# -gt 0 ]; do
        [[ ${2:-} =~ ^[1-9][0-9]{0,6}$ ]] || die "$usage"
        case $1 in
            --rate) LOAD_RATE=$2 ;;
            --seconds) LOAD_SECONDS=$2 ;;
            --owners) LOAD_OWNERS=$2 ;;
            --patients) LOAD_PATIENTS=$2 ;;
            *) die "$usage" ;;
        esac
        shift 2
    done
    install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
    build_web
    build_preset release vetchart-edge vetchart-central load_tool
    demo_open
    if [ "$target" = central ]; then
        load_headquarters
    else
        load_small
        load_large
    fi
    [ $LOAD_FAILED = 0 ] || die "the rate of $LOAD_RATE requests/s does not hold"
}
