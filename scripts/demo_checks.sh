# shellcheck shell=bash
# How the scenario tells what it does and what it saw, and how it compares rows over databases.

DEMO_STEP=0
DEMO_CHECKS=0
DEMO_FAILURES=0

step() {
    DEMO_STEP=$((DEMO_STEP + 1))
    printf '\n%2d. %s\n' "$DEMO_STEP" "$1"
}

saw() { while IFS= read -r line; do printf '      %s\n' "$line"; done <<<"$1"; }

# check_that WHAT COMMAND...: one line; a failure is counted and the scenario goes on.
check_that() {
    local what=$1
    shift
    DEMO_CHECKS=$((DEMO_CHECKS + 1))
    if "$@" >/dev/null 2>&1; then
        printf '   ok %s\n' "$what"
    else
        printf ' FAIL %s\n' "$what"
        DEMO_FAILURES=$((DEMO_FAILURES + 1))
    fi
}

equal() { [ "$1" = "$2" ]; }
json_holds() { jq -e "$2" <<<"$1"; } # JSON FILTER

SYNCED_TABLES=(clinic staff owner patient medical_record appointment service_item bill bill_item bill_medical_record)

node_sql() { # NODE SQL
    sqlite3 -readonly "$DEMO_DIR/nodes/$1/vetchart.db" "$2"
}

# Each row of the table as one canonical JSON array of all its columns (by name), sorted.
dump_node() { # NODE TABLE
    local columns
    columns=$(node_sql "$1" "SELECT group_concat(name, ', ')
                             FROM (SELECT name FROM pragma_table_info('$2') ORDER BY name)")
    node_sql "$1" "SELECT json_array($columns) FROM $2" | jq -c . | sort
}

# The same from central, of one clinic, in the canonical text forms of docs/architecture.md; the columns are the node's
# (central alone has bill.received_at).
dump_central() { # NODE TABLE CLINIC-CODE
    local names expressions where="clinic_id = (SELECT id FROM clinic WHERE code = '$3')"
    [ "$2" != clinic ] || where="code = '$3'"
    names=$(node_sql "$1" "SELECT group_concat(name, ',') FROM pragma_table_info('$2')")
    expressions=$(sql "$DEMO_DB" -c "
        SELECT string_agg(CASE
            WHEN data_type = 'timestamp with time zone' THEN
                format('to_char(%I AT TIME ZONE ''UTC'', ''YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'')', column_name)
            WHEN data_type = 'date' THEN format('to_char(%I, ''YYYY-MM-DD'')', column_name)
            WHEN data_type LIKE 'time %' THEN format('to_char(%I, ''HH24:MI'')', column_name)
            WHEN data_type = 'boolean' THEN format('%I::int', column_name)
            WHEN data_type IN ('bigint', 'integer', 'smallint') THEN format('%I', column_name)
            ELSE format('%I::text', column_name) END, ', ' ORDER BY column_name)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = '$2' AND column_name = ANY ('{$names}')")
    sql "$DEMO_DB" -c "SELECT json_build_array($expressions) FROM $2 WHERE $where" | jq -c . | sort
}

# Every row and column of both nodes and of central, in all ten tables.
check_same_rows() { # NODE NODE CLINIC-CODE
    local table first second central
    for table in "${SYNCED_TABLES[@]}"; do
        first=$(dump_node "$1" "$table")
        second=$(dump_node "$2" "$table")
        central=$(dump_central "$1" "$table" "$3")
        check_that "$table: $(grep -c . <<<"$first") rows, the same on $1, on $2 and at central" \
            all_equal "$first" "$second" "$central"
        if ! all_equal "$first" "$second" "$central"; then
            diff <(printf '%s\n' "$first") <(printf '%s\n' "$second") | head -n 4 || true
            diff <(printf '%s\n' "$first") <(printf '%s\n' "$central") | head -n 4 || true
        fi
    done
}

all_equal() { [ "$1" = "$2" ] && [ "$1" = "$3" ]; }

# The API's list on both nodes, as it is answered.
check_same_list() { # NODE NODE PATH
    local first second
    first=$(api GET "$1" "$3" | jq -cS 'sort_by(.id)')
    second=$(api GET "$2" "$3" | jq -cS 'sort_by(.id)')
    check_that "GET $3: $(jq length <<<"$first") rows, the same answer from $1 and $2" equal "$first" "$second"
    [ "$first" = "$second" ] || diff <(jq . <<<"$first") <(jq . <<<"$second") | head -n 12 || true
}
