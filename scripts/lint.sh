# shellcheck shell=bash
# ./dev lint: what a machine can check about the code without running it. Every check runs; any finding fails.
# shellcheck source=scripts/build.sh
. scripts/build.sh

TIDY_SECONDS=${TIDY_SECONDS:-240}
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

# tidy_one FILE: remembers a clean result under the digest of everything it can depend on.
tidy_one() {
    local file=$1 stamp log
    stamp=build/tidy/${file//\//__}.ok
    log=${stamp%.ok}.log
    if [ "$(cat "$stamp" 2>/dev/null || true)" = "$TIDY_HEADERS $(sha256sum <"$file")" ]; then return 0; fi
    rm -f "$stamp"
    if [ "$(date +%s)" -ge "$TIDY_DEADLINE" ]; then
        printf '%s\n' "$file" >>build/tidy/skipped
        return 0
    fi
    if clang-tidy-19 -p build/release --quiet "$file" >"$log" 2>/dev/null; then
        printf '%s %s\n' "$TIDY_HEADERS" "$(sha256sum <"$file")" >"$stamp"
    else
        printf '%s\n' "$log" >>build/tidy/failed
    fi
}

# sync/ first and whole, then the rest until the time is up. Left out are the three files of the Beast server: they
# take longer than all of sync/, and the analyzer misreads Boost's coroutines.
lint_tidy() {
    local files
    mkdir -p build/tidy
    rm -f build/tidy/skipped build/tidy/failed
    TIDY_DEADLINE=$(($(date +%s) + TIDY_SECONDS))
    TIDY_HEADERS=$({ cat .clang-tidy && source_files h | xargs -r cat; } | sha256sum | cut -c1-16)
    export TIDY_DEADLINE TIDY_HEADERS
    export -f tidy_one
    files=$(
        find sync -name '*.cpp' | sort
        find edge central host -name '*.cpp' ! -path central/api/server.cpp ! -path 'central/api/wire_*.cpp' | sort
    )
    # shellcheck disable=SC2016 # $1 is the inner shell's
    xargs -r -P "$JOBS" -I{} bash -c 'tidy_one "$1"' tidy {} <<<"$files"
    if [ -s build/tidy/skipped ]; then
        say "clang-tidy: time was up before $(wc -l <build/tidy/skipped) files (the next run goes on from there)"
        check "clang-tidy did not get through sync/" "$(grep '^sync/' build/tidy/skipped || true)"
    fi
    if [ -s build/tidy/failed ]; then
        check "clang-tidy" "$(xargs -r grep -hE ' (error|warning):' <build/tidy/failed | sort -u | head -n 80)"
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
