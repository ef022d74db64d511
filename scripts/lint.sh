# shellcheck shell=bash
# ./dev lint: what a machine can check about the code without running it. Every check runs; any finding fails.
# shellcheck source=scripts/build.sh
. scripts/build.sh

# 0: as long as it takes.
TIDY_SECONDS=${TIDY_SECONDS:-0}
TIDY_UNIT_LINES=3000
LINE_COLUMNS_MAX=120
FILE_LINES_MAX=500
lint_failed=0

# check NAME FINDINGS: prints what was found and remembers the failure.
check() {
    if [ -n "$2" ]; then
        printf 'lint: %s\n%s\n' "$1" "$2" >&2
        lint_failed=1
    fi
}

source_files() { # EXTENSION...
    local names=() extension
    for extension in "$@"; do names+=(-o -name "*.$extension"); done
    find central edge host schema sync tests scripts \( "${names[@]:1}" \) -type f ! -path '*/node_modules/*' | sort
}

lint_format() {
    check "format (clang-format-14 -i mends it)" "$(
        source_files h cpp | xargs -r clang-format-14 --dry-run -Werror 2>&1 | grep -E ': error: ' | head -n 40 || true
    )"
    # shellcheck disable=SC2016 # awk's own $0
    check "lines over $LINE_COLUMNS_MAX columns" "$(
        source_files h cpp sh | xargs -r awk -v max=$LINE_COLUMNS_MAX 'length($0) > max { print FILENAME ":" FNR }'
    )"
    check "files over $FILE_LINES_MAX lines (name the second responsibility and split)" \
        "$(source_files h cpp sh | xargs -r awk -v max=$FILE_LINES_MAX 'FNR == max + 1 { print FILENAME }')"
}

lint_includes() {
    local pure='<(thread|mutex|shared_mutex|condition_variable|future|atomic|fstream|filesystem|random|unistd\.h|sys/'
    pure+='|netinet/|SQLiteCpp|sqlite3\.h|pqxx|boost/|httplib\.h|openssl/)'
    check "edge/ and central/ never include each other; sync/ includes neither" "$(
        grep -rnE --include='*.h' --include='*.cpp' '#include "central/' edge host sync || true
        grep -rnE --include='*.h' --include='*.cpp' '#include "edge/' central host sync || true
    )"
    check "sync/ is pure: no clock, socket, thread, file or SQL" "$(
        grep -rnE --include='*.h' --include='*.cpp' "#include $pure" sync || true
        grep -rnE --include='*.h' --include='*.cpp' '(system|steady|high_resolution)_clock::now' sync || true
        grep -rnE --include='*.h' --include='*.cpp' '[^_]time\(nullptr\)' sync || true
        grep -rnE --include='*.h' --include='*.cpp' 'randombytes|getrandom|RAND_bytes|[^_]rand\(' sync || true
    )"
    check "database libraries in a header outside store/" "$(
        grep -rnE --include='*.h' '#include <(SQLiteCpp|sqlite3\.h|pqxx)' central edge sync schema |
            grep -v '^[^:]*/store/' || true
    )"
}

lint_words() {
    local files
    files=$(source_files h cpp sql sh cmake txt | grep -v '^scripts/lint\.sh$')
    files+=$'\n'$(find dev .ci cmake CMakeLists.txt CMakePresets.json README.md CONTRIBUTING.md docs -type f)
    check "FIXME, or TODO without an issue's number" \
        "$(xargs -r grep -nE 'FIXME|TODO($|[^(]|\([^#])' <<<"$files" || true)"
    # A load keeps to a schedule: its times are its condition.
    check "sleeps: wait for the condition, with a deadline" \
        "$(grep -E '\.(cpp|h)$' <<<"$files" | grep -v '^tests/load/' |
            xargs -r grep -nE 'sleep_for|sleep_until|\busleep\(|\bsleep\(' || true)"
    check "paths of one machine" \
        "$(xargs -r grep -nE '(^|[^a-zA-Z0-9_.$}])/(work|root|home)/[a-z]' <<<"$files" || true)"
    check "libpqxx stream_from reads an uninitialised member" \
        "$(grep -E '^(central|edge|tests)/.*\.(cpp|h)$' <<<"$files" | xargs -r grep -nE 'stream_from' || true)"
    check "SQLite REPLACE skips the delete triggers: use UPSERT" \
        "$(grep -E '^(central|edge|sync|schema)/' <<<"$files" | xargs -r grep -niE 'INSERT OR REPLACE|REPLACE INTO' |
            grep -vE '^[^:]*:[0-9]+: *(--|//)' || true)"
}

lint_references() {
    check "names of files, pages, decisions and symbols that the tree does not have" "$(scripts/references.sh)"
}

lint_shell() {
    check "shellcheck" "$(shellcheck -x dev .ci/run scripts/*.sh 2>&1 || true)"
}

# The app's formatter and linter (web/biome.jsonc).
lint_web() {
    install_node
    npm_install web
    local found
    found=$(npm --prefix web run --silent lint -- --colors=off --reporter=github 2>&1) ||
        check "web/ (npm --prefix web run format mends the format)" \
            "$(grep -E '^::(error|warning)' <<<"$found" | head -n 40 || printf '%s\n' "$found")"
}

# tidy_flags FOLDER: what the compiler is told about files of FOLDER; the nearest target above it knows.
tidy_flags() {
    local folder=$1 line=
    while [ -z "$line" ]; do
        line=$(grep -m 1 -E '"command": .* -o '"$folder"'/CMakeFiles/' build/release/compile_commands.json || true)
        case $folder in */*) folder=${folder%/*} ;; *) break ;; esac
    done
    grep -oE -e '-(D|I|isystem |std=)[^ ]+' <<<"${line%% -o *}" | sed 's/\\//g' | tr '\n' ' '
}

# tidy_unit UNIT FOLDER: remembers a clean result under the digest of everything it can depend on.
tidy_unit() {
    local unit=$1 folder=$2 flags checks=() digest count
    count=$(wc -l <"$unit.map")
    read -r -a flags <<<"$(tidy_flags "$folder")"
    # Tests: the analyzer costs most and follows Catch's macros instead of the code; a test case may be long.
    if [[ $folder == tests/* ]]; then
        checks=(--checks='-clang-analyzer-*,-bugprone-chained-comparison,-readability-function-size')
    fi
    digest=$({ printf '%s\n' "$TIDY_HEADERS" "${flags[*]}" "${checks[*]}" && cat "$unit.cpp"; } | sha256sum)
    if [ "$(cat "$unit.ok" 2>/dev/null || true)" = "$digest" ]; then
        printf '%s\n' "$count" >>build/tidy/known
    elif [ "$TIDY_SECONDS" -gt 0 ] && [ "$(date +%s)" -ge "$TIDY_DEADLINE" ]; then
        cut -d' ' -f2 "$unit.map" >>build/tidy/unread
    elif clang-tidy-19 --config-file=.clang-tidy --quiet "${checks[@]}" "$unit.cpp" -- -x c++ "${flags[@]}" \
        >"$unit.log" 2>"$unit.err"; then
        printf '%s\n' "$digest" >"$unit.ok"
        printf '%s\n' "$count" >>build/tidy/read
    else
        printf '%s\n' "$unit" >>build/tidy/failed
    fi
}

# Findings of UNIT with the names and lines of the files it was put together from.
tidy_findings() {
    awk -v unit="$1.cpp" -v map="$1.map" '
        BEGIN { while ((getline < map) > 0) { first[++count] = $1; name[count] = $2 } }
        / (error|warning):/ {
            at = index($0, unit ":")
            if (at) {
                rest = substr($0, at + length(unit) + 1)
                line = rest + 0
                sub(/^[0-9]+/, "", rest)
                for (i = count; first[i] > line; --i) { }
                $0 = name[i] ":" (line - first[i] + 1) rest
            }
            print
        }' "$1.log" "$1.err"
}

sum_of() { cat "$@" 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }

# clang-tidy over every .cpp of the tree, several of one folder at a time (scripts/tidy_units.awk): the headers cost it
# most. Left out are the files of the Beast server: they take longer than all of sync/, and the analyzer misreads Boost's
# coroutines. A file that was not read is a finding.
lint_tidy() {
    local units
    mkdir -p build/tidy
    rm -f build/tidy/{read,known,unread,failed}
    TIDY_DEADLINE=$(($(date +%s) + TIDY_SECONDS))
    TIDY_HEADERS=$({ cat .clang-tidy && source_files h | xargs -r cat; } | sha256sum | cut -c1-16)
    export TIDY_SECONDS TIDY_DEADLINE TIDY_HEADERS
    export -f tidy_unit tidy_flags
    units=$(find sync host edge central tests -name '*.cpp' \
        ! -path central/api/server.cpp ! -path 'central/api/wire_*.cpp' | sort |
        xargs awk -v lines_max="$TIDY_UNIT_LINES" -v out=build/tidy -f scripts/tidy_units.awk)
    # shellcheck disable=SC2016 # $@ is the inner shell's
    xargs -r -P "$JOBS" -L 1 bash -c 'tidy_unit "$@"' tidy <<<"$units"
    say "clang-tidy: $(sum_of build/tidy/read) files read, $(sum_of build/tidy/known) known to be clean"
    check "clang-tidy: time was up (TIDY_SECONDS) before these files were read" "$(cat build/tidy/unread 2>/dev/null)"
    if [ -s build/tidy/failed ]; then
        check "clang-tidy" "$(while read -r unit; do tidy_findings "$unit"; done <build/tidy/failed | sort -u | head -n 80)"
        lint_failed=1
    fi
}

lint_command() {
    [ $# -eq 0 ] || die "lint takes no arguments"
    install_packages "${BUILD_PACKAGES[@]}" "${LINT_PACKAGES[@]}"
    configure release
    lint_format
    lint_includes
    lint_words
    lint_references
    lint_shell
    lint_web
    lint_tidy
    [ "$lint_failed" = 0 ] || die "lint found something"
    say "lint: nothing found"
}
