#!/usr/bin/env bash
# Prints every path, page and heading that a comment or a document names and that the tree does not have, one a line;
# prints nothing and ends with 0 when there is none. Also told are pages that no page links to, and addresses of a
# node's API that docs/api.md leaves out. Part of ./dev lint.
#
# Looked at are, in documents, links and names in backticks; in C++, SQL, TypeScript, CSS, CMake and shell, comments.
#   a path       docs/api.md, sync/engine/edge_sync, docs/{api,errors}.md: begins with a folder of the tree
#   a file       errors.h, openapi.cpp: is somewhere in the tree under this name
#   a heading    "docs/api.md, *A node's API*": stands in that page as a heading or as a bold beginning
#   a decision   ADR 10, docs/adr/0010: has a page
#   a symbol     EventHub, kTables, ApiOptions::memory_bytes, read_body(): some code has the word
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree_files() {
    find . \( -name .git -o -name node_modules -o -path ./build -o -path ./web/dist \) -prune -o -type f -print |
        sed 's,^\./,,' | sort
}

# The second word is a file's kind, which says how its comments begin.
read_files() {
    awk '
        /\.md$/ { print $0 " document"; next }
        /\.(h|cpp|ts|tsx|mjs)$/ { print $0 " slashes"; next }
        /\.css$/ { print $0 " stars"; next }
        /\.sql$/ { print $0 " dashes"; next }
        /\.(sh|cmake|toml|yml|service|supp)$|(^|\/)(CMakeLists\.txt|dev|run|\.clang-tidy)$/ { print $0 " hashes" }
    '
}

files=$(tree_files)
read_files <<<"$files" | LC_ALL=C awk -v tree="$files" '
    function add_path(path,    folder) {
        if (path in is_there) return
        is_there[path] = 1
        folder = path
        sub(/^.*\//, "", folder)
        is_name[folder] = 1
        sub(/\.[a-z]+$/, "", folder)
        if (path ~ /\//) {
            is_there[stem(path)] = 1
            folder = path
            sub(/\/[^\/]*$/, "", folder)
            add_path(folder)
        }
    }
    function stem(path) {
        sub(/\.[a-z]+$/, "", path)
        return path
    }
    # A name with * or with NNNN (any number), as a regular expression over whole paths.
    function pattern_of(name) {
        gsub(/\./, "\\.", name)
        gsub(/NNNN|<[A-Za-z]+>/, "*", name)
        gsub(/\*+/, "[^/]*", name)
        return "^" name "$"
    }
    function fits(name,    i, pattern, before, after, parts, count) {
        if (name ~ /\{[^}]*\}/) {
            before = substr(name, 1, index(name, "{") - 1)
            after = substr(name, index(name, "}") + 1)
            count = split(substr(name, index(name, "{") + 1, index(name, "}") - index(name, "{") - 1), parts, ",")
            for (i = 1; i <= count; i++) if (!fits(before parts[i] after)) return 0
            return 1
        }
        if (name in is_there || name in is_name) return 1
        if (name ~ /^docs\/adr\/[0-9]+$/) name = name "-*"
        if (name !~ /[*<]|NNNN/) return 0
        if (name in known) return known[name]
        pattern = pattern_of(name)
        for (i in is_there) if (i ~ pattern) return known[name] = 1
        for (i in is_name) if (i ~ pattern) return known[name] = 1
        return known[name] = 0
    }
    function resolved(folder, target) {
        target = folder "/" target
        while (sub(/\/\.\//, "/", target)) continue
        while (sub(/[^\/]+\/\.\.\//, "", target)) continue
        sub(/^\.?\//, "", target)
        sub(/\/$/, "", target)
        return target
    }
    function told(what) { print file ":" line ": " what }

    function look_for_names(text,    rest, name, at) {
        rest = text
        while (match(rest, /[A-Za-z0-9_.*{}<>,\/-]+/)) {
            name = substr(rest, RSTART, RLENGTH)
            at = RSTART > 1 ? substr(rest, RSTART - 1, 1) : " "
            rest = substr(rest, RSTART + RLENGTH)
            # Part of an address, a variable or a home folder.
            if (at ~ /[$:~@%+=?\\]/ || substr(rest, 1, 1) == "$" || name ~ /^\/|\/\/|\.\.\.|^\.\.\//) continue
            sub(/^\.\//, "", name)
            while (name ~ /[.,\/-]$/ || (name ~ /[}>]$/ && name !~ /[{<]/)) name = substr(name, 1, length(name) - 1)
            while (name ~ /^[{<,-]/ && name !~ /[}>]/) name = substr(name, 2)
            if (name ~ ("^(" folders ")/")) {
                if (name ~ /^(web\/(dist|node_modules|src\/common\/rows\.ts$)|sync\/v[0-9])/) continue
                if (!fits(name)) told("there is no " name)
            } else if (name ~ /^[A-Za-z0-9_*<>{},-]+\.(md|h|cpp|sql|sh|tsx?|mjs|css)$/ && name !~ /^[*<]|^.\./) {
                if (!fits(name) && !(name in of_others)) told("no file has the name " name)
            }
        }
    }
    # The page before the comma may be a link.
    function look_for_headings(text,    rest, page, heading) {
        rest = text
        while (match(rest, /[A-Za-z0-9_\/-]+\.md[)\]]*, \*[A-Z][^*]*\*/)) {
            page = heading = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            sub(/\.md.*$/, ".md", page)
            sub(/^.*\.md[)\]]*, \*/, "", heading)
            sub(/\*$/, "", heading)
            sub(/^.*\//, "", page)
            wanted[++wanted_count] = page SUBSEP heading
            wanted_at[wanted_count] = file ":" line
        }
    }
    function look_for_links(text,    rest, target) {
        rest = text
        while (match(rest, /\]\([^)]+\)/)) {
            target = substr(rest, RSTART + 2, RLENGTH - 3)
            rest = substr(rest, RSTART + RLENGTH)
            if (target ~ /^(https?:|mailto:)/) continue
            sub(/#.*$/, "", target)
            if (target == "") continue
            target = resolved(folder_of_file, target)
            is_linked[target] = 1
            if (!(target in is_there)) told("the link leads nowhere: " target)
        }
    }
    function look_in_backticks(text,    rest, name) {
        rest = text
        while (match(rest, /`[^`]+`/)) {
            name = substr(rest, RSTART + 1, RLENGTH - 2)
            rest = substr(rest, RSTART + RLENGTH)
            look_for_names(name)
            look_for_symbols(name)
        }
    }
    function look_for_symbols(text,    rest, name) {
        rest = text
        while (match(rest, /[A-Za-z_][A-Za-z0-9_:]*(\(\))?/)) {
            name = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            if (name !~ /::[A-Za-z_]|_.*\(\)$|^k?[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+$/) continue
            if (name ~ /^(std|boost|pqxx|SQLite|nlohmann)::|^pg_|^(TypeScript|PascalCase)$|::$/) continue
            sub(/\(\)$/, "", name)
            sub(/^.*::/, "", name)
            symbol[name] = symbol[name] file ":" line " "
        }
    }
    function look_for_decisions(text,    rest, number) {
        rest = text
        while (match(rest, /ADR [0-9]+/)) {
            number = sprintf("%04d", substr(rest, RSTART + 4, RLENGTH - 4))
            rest = substr(rest, RSTART + RLENGTH)
            if (!fits("docs/adr/" number)) told("there is no ADR " number)
        }
    }
    function remember_words(text,    rest) {
        rest = text
        while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
            is_word[substr(rest, RSTART, RLENGTH)] = 1
            rest = substr(rest, RSTART + RLENGTH)
        }
    }
    # Where a comment begins; 0: nowhere. An address (http://) and a text between quotes begin none.
    function comment_start(text, kind,    at) {
        if (kind == "slashes") {
            if (match(text, /(^|[^:"\x27`\/])\/\/|\/\*|^ *\*[ \/]/)) return RSTART
        } else if (kind == "dashes") {
            if (match(text, /(^|[ ;,(])--( |$)|\/\*/)) return RSTART
        } else if (kind == "hashes") {
            if (match(text, /(^|[ \t])#( |$)/)) return RSTART
        } else if (kind == "stars" && match(text, /\/\*|^ *\*/)) return RSTART
        return 0
    }

    BEGIN {
        count = split(tree, list, "\n")
        for (i = 1; i <= count; i++) {
            add_path(list[i])
            if (list[i] !~ /^[a-z]+\//) continue
            sub(/\/.*$/, "", list[i])
            is_folder[list[i]] = 1
        }
        for (name in is_folder) folders = folders "|" name
        folders = substr(folders, 2)
        # Files of other programs, or made by ours.
        split("sqlite3.h httplib.h json.hpp catch.hpp unistd.h", list, " ")
        for (i in list) of_others[list[i]] = 1
    }
    {
        file = $1
        kind = $2
        folder_of_file = file
        if (!sub(/\/[^\/]*$/, "", folder_of_file)) folder_of_file = "."
        page = file
        sub(/^.*\//, "", page)
        line = 0
        in_block = 0
        while ((getline text < file) > 0) {
            line++
            if (file == "docs/api.md") addresses = addresses text " "
            if (file == "edge/api/routes.cpp" && match(text, /"\/[^"]+"/)) {
                route[substr(text, RSTART + 1, RLENGTH - 2)] = file ":" line
            }
            if (kind == "document") {
                if (text ~ /^```/) { in_block = !in_block; continue }
                if (text ~ /^#+ /) {
                    heading = text
                    sub(/^#+ /, "", heading)
                    gsub(/`/, "", heading)
                    has[page, heading] = 1
                }
                rest = text
                while (match(rest, /\*\*[^*]+\*\*/)) {
                    heading = substr(rest, RSTART + 2, RLENGTH - 4)
                    rest = substr(rest, RSTART + RLENGTH)
                    sub(/[.:]$/, "", heading)
                    has[page, heading] = 1
                }
                look_for_links(text)
                look_for_headings(text)
                look_for_decisions(text)
                if (!in_block) look_in_backticks(text)
                gsub(/\]\([^)]*\)/, "]", text)
                gsub(/`[^`]*`/, "", text)
                if (!in_block && file !~ /^CHANGELOG/) look_for_names(text)
            } else {
                start = comment_start(text, kind)
                if (start == 0) { remember_words(text); continue }
                if (start > 1) remember_words(substr(text, 1, start - 1))
                text = substr(text, start)
                look_for_names(text)
                look_for_headings(text)
                look_for_symbols(text)
                look_for_decisions(text)
            }
        }
        close(file)
    }
    END {
        for (i = 1; i <= wanted_count; i++) {
            if (!(wanted[i] in has)) {
                split(wanted[i], list, SUBSEP)
                print wanted_at[i] ": " list[1] " has no heading " list[2]
            }
        }
        for (name in route) {
            if (addresses !~ (name "[^A-Za-z{\/]")) print route[name] ": docs/api.md does not have " name
        }
        for (name in is_there) {
            if (name ~ /^docs\/.*\.md$/ && !(name in is_linked)) print name ": no document links to this page"
        }
        for (name in symbol) if (!(name in is_word)) print symbol[name] "no code has `" name "`"
    }
'
