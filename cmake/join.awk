# awk -v lines_max=N -f join.awk FILE...: which files of one target can be compiled as one unit. Prints `UNIT FILE`, as
# `1 edge/api/http.cpp`. A name that a file declares in its unnamed namespace stands nowhere in the other files of its
# unit, not even as a word, unless both say the same `using`; and all of a unit open the same namespaces: so no file can
# mean something else in company than it means alone. Files with coroutines (dear by themselves) and the one with Catch's
# runner stay alone and are not printed.
function learn(file,    line, unnamed, word) {
    split("", words)
    split("", names)
    line_count = 0
    unnamed = 0
    alone = 0
    opened = ""
    raw = 0
    while ((getline line < file) > 0) {
        ++line_count
        if (line ~ /^namespace \{/) unnamed = 1
        if (line ~ /^\}  \/\/ namespace$/) unnamed = 0
        if (line ~ /co_await|^#define CATCH_CONFIG/) alone = 1
        if (line ~ /^int main\(/) names["main"] = file
        if (line ~ /^using namespace vetchart/) opened = opened line
        if (line ~ /^#/) continue
        if (raw && !match(line, /\)[a-z]*"/)) continue
        if (raw) line = substr(line, RSTART + RLENGTH)
        raw = 0
        gsub(/R"[a-z]*\(.*\)[a-z]*"/, "", line)
        if (match(line, /R"[a-z]*\(/)) {
            line = substr(line, 1, RSTART - 1)
            raw = 1
        }
        gsub(/\\./, "", line)
        gsub(/"[^"]*"/, "", line)
        sub(/\/\/.*/, "", line)
        word = unnamed || line ~ /^static / ? declared(line) : ""
        if (word != "") names[word] = line ~ /^using .*;/ ? line : file
        while (match(line, /[A-Za-z_][A-Za-z_0-9]*/)) {
            words[substr(line, RSTART, RLENGTH)] = 1
            line = substr(line, RSTART + RLENGTH)
        }
    }
    close(file)
}
# The name that a line at the outermost level declares; "" when it declares none.
function declared(line,    word) {
    if (line !~ /^[A-Za-z]/ || line ~ /^(namespace|return|public|private|static_assert|case)/) return ""
    if (line ~ /^using namespace/) return ""
    if (match(line, /^using [A-Za-z_0-9:]+;/) || match(line, /^(struct|class|union|enum|enum class|using) [A-Za-z_0-9]+/)) {
        word = substr(line, RSTART, RLENGTH)
        sub(/.*[ :]/, "", word)
        sub(/;/, "", word)
        return word
    }
    while (match(line, /[A-Za-z_][A-Za-z_0-9]* *[({=;[]/)) {
        word = substr(line, RSTART, RLENGTH)
        sub(/[^A-Za-z_0-9].*/, "", word)
        if (word !~ /^([A-Z_0-9]+|void|bool|int|decltype|noexcept|alignas|operator)$/) return word
        line = substr(line, RSTART + RLENGTH)
    }
    return ""
}
function shared(unit, word) {
    return (word in names) && ((unit, word) in taken) && names[word] == taken[unit, word]
}
function fits(unit,    word) {
    if (size[unit] > 0 && opened_by[unit] != opened) return 0
    if (size[unit] + line_count > lines_max) return 0
    for (word in names) if ((unit, word) in said && !shared(unit, word)) return 0
    for (word in words) if ((unit, word) in taken && !shared(unit, word)) return 0
    return 1
}
BEGIN {
    for (argument = 1; argument < ARGC; ++argument) {
        learn(ARGV[argument])
        if (alone) continue
        for (unit = 1; unit <= unit_count && !fits(unit); ++unit) { }
        if (unit > unit_count) unit_count = unit
        size[unit] += line_count
        opened_by[unit] = opened
        for (word in words) said[unit, word] = 1
        for (word in names) taken[unit, word] = names[word]
        print unit, ARGV[argument]
    }
}
