# awk -v lines_max=N -v out=DIR -f tidy_units.awk FILE...: puts .cpp files of one folder together into DIR/NAME.cpp, for
# clang-tidy alone: headers cost it most, and so they are read once for several files. No two files of a unit have a
# name of their unnamed namespaces in common. Prints `UNIT FOLDER`; DIR/NAME.map has `FIRST_LINE FILE` for every file.
function names_of(file, found,    line, inside, word, count) {
    line_count = 0
    split("", found)
    split("", text)
    inside = 0
    while ((getline line < file) > 0) {
        text[++line_count] = line
        if (line ~ /^namespace \{/) inside = 1
        if (line ~ /^\}  \/\/ namespace$/) inside = 0
        if (!inside || line !~ /^[A-Za-z]/) continue
        if (line ~ /^(namespace|return|public|private)/) continue
        if (match(line, /^(struct|class|union|enum|enum class|using) [A-Za-z_0-9]+/)) {
            word = substr(line, RSTART, RLENGTH)
            sub(/.* /, "", word)
            found[word] = 1
            continue
        }
        while (match(line, /[A-Za-z_0-9]+[ ]*[({=;[]/)) {
            word = substr(line, RSTART, RLENGTH)
            sub(/[^A-Za-z_0-9].*/, "", word)
            found[word] = 1
            line = substr(line, RSTART + RLENGTH)
        }
    }
    close(file)
}
function begin_unit(folder) {
    unit = folder
    gsub(/\//, "__", unit)
    unit = out "/" unit "__" (++unit_count[folder])
    unit_of[folder, unit_count[folder]] = unit
    size[unit] = 0
    printf "" > (unit ".cpp")
    printf "" > (unit ".map")
    print unit, folder
}
function fits(unit, found,    word) {
    if (size[unit] > 0 && size[unit] + line_count > lines_max) return 0
    for (word in found) if ((unit, word) in taken) return 0
    return 1
}
BEGIN {
    for (argument = 1; argument < ARGC; ++argument) {
        file = ARGV[argument]
        folder = file
        sub(/\/[^\/]*$/, "", folder)
        names_of(file, found)
        chosen = ""
        for (i = 1; i <= unit_count[folder] && chosen == ""; ++i)
            if (fits(unit_of[folder, i], found)) chosen = unit_of[folder, i]
        if (chosen == "") {
            begin_unit(folder)
            chosen = unit
        }
        print size[chosen] + 1, file > (chosen ".map")
        for (i = 1; i <= line_count; ++i) print text[i] > (chosen ".cpp")
        size[chosen] += line_count
        for (word in found) taken[chosen, word] = 1
    }
}
