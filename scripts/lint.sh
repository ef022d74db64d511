# shellcheck shell=bash
# ./dev lint: what a machine can check about the code without running it. Every check runs; any finding fails.
# shellcheck source=scripts/build.sh
. scripts/build.sh

TIDY_FOLDERS=(central edge host sync tests)
TIDY_UNIT_LINES=6000
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

# tidy_units: writes build/tidy/units, and prints their names: files that can be read together (cmake/join.awk), of one
# top folder, whatever their target. clang-tidy looks at all that a unit includes, 12 s of work for one line of our own.
tidy_units() {
    local folder file unit
    mkdir -p build/tidy/units
    rm -f build/tidy/units/*
    for folder in "${TIDY_FOLDERS[@]}"; do
        find "$folder" -name '*.cpp' | sort >build/tidy/files
        xargs awk -v lines_max="$TIDY_UNIT_LINES" -f cmake/join.awk <build/tidy/files >build/tidy/joined
        while read -r unit file; do
            printf '#include "%s"\n' "$file" >>"build/tidy/units/${folder}_$unit.cpp"
        done <build/tidy/joined
        while read -r file; do
            printf '#include "%s"\n' "$file" >"build/tidy/units/alone_${file//\//_}"
        done < <(cut -d' ' -f2 build/tidy/joined | sort | comm -13 - build/tidy/files)
    done
    find build/tidy/units -name '*.cpp' | sort
}

# tidy_unit UNIT: a clean result is known by the digest of everything it depends on: the checks, the compiler's flags,
# the sources and every header of the tree below them. The tests go without the analyzer, which follows Catch's macros
# instead of the code, and without what only a program has to mind: speed, long functions, overflow. The analyzer
# misreads coroutines too.
tidy_unit() {
    local unit=$1 sources checks='' result digest flags
    result=build/tidy/results/$(basename "$unit" .cpp)
    mapfile -t sources < <(sed -n 's/^#include "\(.*\)"$/\1/p' "$unit")
    read -r -a flags <<<"$TIDY_FLAGS"
    case ${sources[0]} in
        tests/*)
            checks='-clang-analyzer-*,-performance-*,-readability-function-size,-google-build-using-namespace'
            checks+=',-bugprone-chained-comparison,-bugprone-empty-catch,-bugprone-implicit-widening*'
            ;;
        *) if grep -q co_await "${sources[@]}"; then checks='-clang-analyzer-*'; fi ;;
    esac
    digest=$({
        printf '%s\n' "$TIDY_BASE" "$TIDY_FLAGS" "$checks"
        awk -f scripts/includes.awk "${sources[@]}" | xargs sha256sum
    } | sha256sum)
    if [ "$(cat "$result.clean" 2>/dev/null || true)" = "$digest" ]; then
        printf '%s\n' "${sources[@]}" >>build/tidy/known
        return 0
    fi
    rm -f "$result.clean"
    if clang-tidy-19 --config-file=.clang-tidy --quiet ${checks:+"--checks=$checks"} "$unit" \
        -- -std=c++20 "${flags[@]}" >"$result.log" 2>"$result.err"; then
        printf '%s\n' "$digest" >"$result.clean"
    else
        printf '%s\n' "$result" >>build/tidy/failed
    fi
    # One that could not be compiled was not read to its end.
    grep -q 'clang-diagnostic-error' "$result.log" || printf '%s\n' "${sources[@]}" >>build/tidy/read
}

# clang-tidy over every .cpp of the tree. A file that was not read is a finding.
lint_tidy() {
    local units unread result
    run_logged "configuring build/tidy" cmake --preset tidy
    mkdir -p build/tidy/results
    rm -f build/tidy/{read,known,failed}
    touch build/tidy/{read,known,failed}
    TIDY_BASE=$({ cat .clang-tidy && clang-tidy-19 --version && dpkg-query -W "${BUILD_PACKAGES[@]}"; } | sha256sum)
    # What any target tells the compiler about names and places; a file of another target just does not ask.
    TIDY_FLAGS=$(sed -n 's/^ *"command": "\(.*\)",$/\1/p' build/tidy/compile_commands.json | sed 's/\\//g' |
        grep -oE -e ' -(D|I|isystem )[^ ]+' | sort -u | tr '\n' ' ')
    export TIDY_BASE TIDY_FLAGS
    export -f tidy_unit
    units=$(tidy_units)
    # shellcheck disable=SC2016 # $1 is the inner shell's
    xargs -r -P "$JOBS" -I{} bash -c 'tidy_unit "$1"' tidy {} <<<"$units"
    unread=$(comm -23 <(find "${TIDY_FOLDERS[@]}" -name '*.cpp' | sort) <(sort -u build/tidy/read build/tidy/known))
    check "files that clang-tidy did not read to the end" "$unread"
    say "clang-tidy: $(sort -u build/tidy/read | wc -l) files read, $(sort -u build/tidy/known | wc -l) known" \
        "to be clean, $(grep -c . <<<"$unread" || true) not read"
    if [ -s build/tidy/failed ]; then
        check "clang-tidy" "$(
            sed 's/$/.log/' build/tidy/failed | xargs grep -hE ' (error|warning):' | sort -u | head -n 80
        )"
        # A run that ends red without a finding (it crashed, say) tells why in its last words.
        while read -r result; do
            grep -qE ' (error|warning):' "$result.log" || tail -n 5 "$result.err" >&2
        done <build/tidy/failed
        lint_failed=1
    fi
}

lint_command() {
    [ $# -eq 0 ] || die "lint takes no arguments"
    install_packages "${BUILD_PACKAGES[@]}" "${LINT_PACKAGES[@]}"
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
