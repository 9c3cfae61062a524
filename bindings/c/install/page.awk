# Prints a page of Markdown as it is installed: a link to a file of the sources that is not installed becomes its text, with
# the path of that file where the text does not have it.
#
#     awk -v page=docs/install.md -v installed=LIST -f page.awk docs/install.md
#
# LIST has the paths of what is installed, relative to the sources, one a line. -v of=PACKAGE is who has the rest: the sources.

# A path relative to the folder of the page, as one relative to the sources.
function resolved(path,    parts, count, i, kept, out) {
    count = split(folder path, parts, "/")
    kept = 0
    for (i = 1; i <= count; i++) {
        if (parts[i] == "..") kept--
        else if (parts[i] != "." && parts[i] != "") out[++kept] = parts[i]
    }
    path = out[1]
    for (i = 2; i <= kept; i++) path = path "/" out[i]
    return path
}

function shown(text, path,    bare) {
    bare = text
    gsub(/[`*]/, "", bare)
    return index(bare, path) || index(path, bare) ? text : text " (`" path "` of " of ")"
}

# Links do not nest; what stands before the last "[" of a match is text.
function without_dead_links(line,    done, found, text, target, path, at) {
    done = ""
    while (match(line, /\[[^]]*\]\([^)]*\)/)) {
        found = substr(line, RSTART, RLENGTH)
        done = done substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        at = index(found, "](")
        text = substr(found, 2, at - 2)
        target = substr(found, at + 2, length(found) - at - 2)
        path = target
        sub(/[# ].*/, "", path)
        if (path == "" || path ~ /^[a-z]+:/ || resolved(path) in there) done = done found
        else done = done shown(text, resolved(path))
    }
    return done line
}

BEGIN {
    if (of == "") of = "the sources"
    folder = page
    if (!sub(/[^\/]*$/, "", folder)) folder = ""
    while ((getline path < installed) > 0) {
        there[path] = 1
        # And the folders that it lies in.
        while (sub(/\/[^\/]*$/, "", path)) there[path] = 1
    }
}

# A link may go over the end of a line, not of a paragraph.
function flush_paragraph() {
    if (lines) print without_dead_links(paragraph)
    paragraph = ""
    lines = 0
}

/^ *```/ { is_code = !is_code }
is_code || /^ *(```.*)?$/ { flush_paragraph(); print; next }
{ paragraph = lines++ ? paragraph "\n" $0 : $0 }
END { flush_paragraph() }
