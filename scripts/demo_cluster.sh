# shellcheck shell=bash
# The demo's parts: PostgreSQL, certificates, central, nodes. What is started here is stopped here, by its own pid.

PG_BIN=/usr/lib/postgresql/15/bin
CENTRAL=build/release/vetchart-central
EDGE=build/release/vetchart-edge
LEGACY_DATA=tests/data/legacy/clean
DEMO_PASSWORD=password
declare -A DEMO_PIDS=() NODE_URL=() NODE_TOKEN=()
DEMO_DIR="" DEMO_DB="" CENTRAL_URL=""

# wait_until SECONDS WHAT COMMAND...: repeats the command until it succeeds; dies at the deadline.
wait_until() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || die "gave up waiting for: $what"
        sleep 0.1
    done
}

demo_open() {
    DEMO_DIR=$(mktemp -d)
    # PostgreSQL's own user has to reach its folder when this runs as root; each part below has a folder of its own.
    chmod 711 "$DEMO_DIR"
    mkdir -m 700 "$DEMO_DIR/tls" "$DEMO_DIR/logs" "$DEMO_DIR/nodes"
    trap demo_close EXIT
    trap 'exit 130' INT TERM HUP
}

demo_close() {
    local status=$? name
    trap - EXIT INT TERM HUP
    if [ "$status" != 0 ] && [ "$status" != 130 ]; then
        for name in "$DEMO_DIR"/logs/*; do
            [ ! -s "$name" ] || { printf -- '--- the end of %s\n' "${name##*/}" && tail -n 12 "$name"; } >&2
        done
    fi
    for name in "${!DEMO_PIDS[@]}"; do stop_process "$name" || true; done
    if [ -s "$DEMO_DIR/pg/data/postmaster.pid" ]; then
        as_server "$PG_BIN/pg_ctl" -D "$DEMO_DIR/pg/data" -m fast -w stop >/dev/null || true
    fi
    rm -rf "$DEMO_DIR"
    exit "$status"
}

# PostgreSQL refuses to run as root: there, its programs run as the package's own user.
as_server() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
    local dir=$DEMO_DIR/pg
    mkdir -m 700 "$dir"
    [ "$(id -u)" != 0 ] || chown postgres: "$dir"
    as_server "$PG_BIN/initdb" -D "$dir/data" -U vet -A trust -E UTF8 --locale=C.UTF-8 -N >"$DEMO_DIR/logs/initdb" 2>&1
    as_server "$PG_BIN/pg_ctl" -D "$dir/data" -l "$dir/log" -w \
        -o "-c listen_addresses='' -c unix_socket_directories='$dir' -c fsync=off" start >>"$DEMO_DIR/logs/initdb" 2>&1
    DEMO_DB="host=$dir user=vet dbname=vetchart"
    sql "dbname=postgres host=$dir user=vet" -c 'CREATE DATABASE vetchart'
    export DATABASE_URL=$DEMO_DB
}

sql() { # CONNINFO PSQL-ARGUMENT...
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$@"
}

load_legacy() {
    local table
    sql "$DEMO_DB" -f "$LEGACY_DATA/../legacy_tables.sql"
    for table in User Owner Patient MedicalRecord Appointment Bill; do
        sql "$DEMO_DB" -c "\\copy \"$table\" from '$LEGACY_DATA/$table.csv' csv header"
    done
}

make_certificates() {
    local dir=$DEMO_DIR/tls key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
    {
        openssl req -x509 "${key[@]}" -days 30 -keyout "$dir/ca.key" -out "$dir/ca.crt" -subj "/CN=VetChart demo CA" \
            -addext keyUsage=critical,keyCertSign
        openssl req "${key[@]}" -keyout "$dir/central.key" -out "$dir/central.csr" -subj /CN=central
        printf 'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$dir/central.ext"
        openssl x509 -req -in "$dir/central.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
            -extfile "$dir/central.ext" -out "$dir/central.crt"
    } >"$DEMO_DIR/logs/openssl" 2>&1
}

# start_process NAME COMMAND...: in the background, until it says where it listens; prints nothing.
# A session of its own, so that Ctrl-C reaches only this script, which then stops the parts in order.
start_process() {
    local name=$1 log=$DEMO_DIR/logs/$1
    shift
    setsid "$@" >"$log" 2>&1 </dev/null &
    DEMO_PIDS[$name]=$!
    wait_until 30 "$name to listen" says_listening "$name"
    kill -0 "${DEMO_PIDS[$name]}" 2>/dev/null || die "$name did not start"
}

says_listening() { # NAME: true also when it has ended, so that nobody waits for a dead program
    ! kill -0 "${DEMO_PIDS[$1]}" 2>/dev/null || grep -q '^listening on ' "$DEMO_DIR/logs/$1"
}

url_of() { # NAME
    sed -n 's/^listening on \([^ ]*\).*/\1/p' "$DEMO_DIR/logs/$1" | head -n 1
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }

# SIGTERM, and SIGKILL for one that has not ended after 20 seconds.
stop_process() { # NAME
    local pid=${DEMO_PIDS[$1]:-}
    [ -n "$pid" ] || return 0
    unset "DEMO_PIDS[$1]"
    kill -TERM "$pid" 2>/dev/null || return 0
    (wait_until 20 "$1 to end" has_ended "$pid") || kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# Central keeps its port over restarts: the nodes know it by its URL.
start_central() {
    local address=127.0.0.1:0
    [ -z "$CENTRAL_URL" ] || address=${CENTRAL_URL#https://}
    start_process central "$CENTRAL" serve --listen "$address" --tls-cert "$DEMO_DIR/tls/central.crt" \
        --tls-key "$DEMO_DIR/tls/central.key"
    CENTRAL_URL=$(url_of central)
    CENTRAL_URL=${CENTRAL_URL%/}
}

# SOUTH has three years of generated charts, the same each day but for the days themselves.
add_clinics() {
    "$CENTRAL" sample --clinics 1 --code SOUTH --patients 150 --years 3 --seed 7 >>"$DEMO_DIR/logs/admin" 2>&1
    printf '%s\n' "$DEMO_PASSWORD" | "$CENTRAL" staff add --clinic SOUTH --email admin@south.example --first Ada \
        --last South --role admin --role veterinarian >>"$DEMO_DIR/logs/admin"
}

add_node() { # NAME CLINIC
    local token
    token=$("$CENTRAL" node invite --clinic "$2" --url "$CENTRAL_URL" --ca "$DEMO_DIR/tls/ca.crt" | tail -n 1)
    "$EDGE" enroll --data "$DEMO_DIR/nodes/$1" --token "$token" --ca "$DEMO_DIR/tls/ca.crt" --name "$1" \
        >>"$DEMO_DIR/logs/admin" 2>&1
    start_node "$1"
}

start_node() { # NAME
    start_process "$1" "$EDGE" serve --data "$DEMO_DIR/nodes/$1" --listen 127.0.0.1:0
    NODE_URL[$1]=$(url_of "$1")
    NODE_URL[$1]=${NODE_URL[$1]%/}
}

# api METHOD NODE PATH [BODY]: the answer's body; fails when it is no success.
api() {
    local method=$1 node=$2 path=$3 arguments=()
    [ $# -lt 4 ] || arguments=(-H 'Content-Type: application/json' --data-binary "$4")
    [ -z "${NODE_TOKEN[$node]:-}" ] || arguments+=(-H "Authorization: Bearer ${NODE_TOKEN[$node]}")
    curl -sS --fail-with-body --max-time 20 -X "$method" "${arguments[@]}" "${NODE_URL[$node]}$path"
}

login() { # NODE EMAIL
    local body
    NODE_TOKEN[$1]=""
    body=$(api POST "$1" /api/auth/login "$(jq -nc --arg email "$2" --arg password "$DEMO_PASSWORD" '{
        username: $email, password: $password}')")
    NODE_TOKEN[$1]=$(jq -er .token <<<"$body")
}

status_of() { # NODE
    api GET "$1" /api/sync/status
}

is_loaded() { # NODE CLINIC: it has every owner, record, bill ... that central has of the clinic
    local table here there
    for table in owner patient medical_record appointment bill staff; do
        here=$(sqlite3 -readonly "$DEMO_DIR/nodes/$1/vetchart.db" "SELECT count(*) FROM $table")
        there=$(sql "$DEMO_DB" -c "SELECT count(*) FROM $table JOIN clinic c ON c.id = clinic_id WHERE c.code = '$2'")
        [ "$here" = "$there" ] || return 1
    done
}

demo_start_all() {
    step "a private PostgreSQL with the legacy server's database"
    start_postgres
    load_legacy
    LEGACY_COUNTS=$(sql "$DEMO_DB" -f scripts/legacy_counts.sql)
    saw "$LEGACY_COUNTS"
    step "vetchart-central migrate: the legacy clinic becomes NORTH"
    "$CENTRAL" migrate --legacy-clinic NORTH >"$DEMO_DIR/logs/migrate" 2>&1
    saw "$(tail -n 3 "$DEMO_DIR/logs/migrate")"
    # Now, while no other clinic is there; demo_once.sh compares it.
    # shellcheck disable=SC2034
    MIGRATED_COUNTS=$(sql "$DEMO_DB" -f scripts/migrated_counts.sql)
    step "central over TLS, clinic SOUTH, three nodes enrolled by one-time tokens"
    add_clinics
    saw "SOUTH, generated: $(sql "$DEMO_DB" -c "SELECT (SELECT count(*) FROM patient p WHERE p.clinic_id = c.id)
        || ' patients, ' || (SELECT count(*) FROM bill b WHERE b.clinic_id = c.id) || ' bills'
        FROM clinic c WHERE code = 'SOUTH'")"
    make_certificates
    start_central
    saw "central: $CENTRAL_URL"
    local name
    for name in front laptop south; do
        case $name in south) add_node $name SOUTH ;; *) add_node $name NORTH ;; esac
        saw "$name: ${NODE_URL[$name]}"
    done
    wait_until 60 "the front desk's first load" is_loaded front NORTH
    wait_until 60 "the laptop's first load" is_loaded laptop NORTH
    wait_until 60 "SOUTH's first load" is_loaded south SOUTH
    for name in front laptop; do login $name admin@vetchart.example; done
    login south admin@south.example
    saw "every node has its clinic's rows and takes logins"
}
