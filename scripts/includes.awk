# awk -f includes.awk FILE...: the files and every header of the tree that they include, at any depth. Includes start at
# the root of the tree, where this runs.
function add(file,    line) {
    if (file in known) return
    if ((getline line < file) < 0) return
    close(file)
    known[file] = 1
    queue[++count] = file
}
BEGIN {
    for (i = 1; i < ARGC; ++i) add(ARGV[i])
    for (i = 1; i <= count; ++i) {
        print queue[i]
        while ((getline line < queue[i]) > 0)
            if (line ~ /^#include "/) {
                split(line, part, "\"")
                add(part[2])
            }
        close(queue[i])
    }
}
