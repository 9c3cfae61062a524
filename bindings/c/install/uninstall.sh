#!/bin/sh
# Removes what install.sh put below a prefix.
#
#     uninstall.sh PREFIX
#
# DESTDIR and LIBDIR as for install.sh. What is not libmona's stays, and so do folders that hold anything else.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: uninstall.sh PREFIX" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${DESTDIR:-}$1
libdir=${LIBDIR:-lib}

# All parts, whatever this call would leave out.
paths=$(MONA_TOOLS=auto MONA_COLLECTOR=auto sh "$here/install.sh" --list "$1")
removed=0
while IFS= read -r path; do
    if [ -e "$target/$path" ] || [ -L "$target/$path" ]; then
        rm -f "$target/$path"
        removed=$((removed + 1))
    fi
done <<LIST
$paths
LIST

# What another version left, by names and guards that only libmona gives: others have folders called mona, too.
for part in "$target"/include/mona/*.hpp; do
    if grep -q '^#ifndef MONA_[A-Z_]*HPP$' "$part" 2>/dev/null; then
        rm -f "$part"
    fi
done
rm -f "$target/$libdir"/cmake/mona/mona-config*.cmake
pages=$target/share/doc/mona/docs
if [ -d "$pages" ]; then
    find "$pages" -type f \( -name '*.md' -o -name '*.png' -o -name '*.svg' \) -exec rm -f {} +
    find "$pages" -depth -type d -exec rmdir {} + 2>/dev/null || true
fi
# The others only where nothing is left in them, the inner ones first. `rmdir` says so of the rest.
printf '%s\n' "$paths" | sed 's|/[^/]*$||' | LC_ALL=C sort -u -r | while IFS= read -r folder; do
    while [ "$folder" != . ] && { [ ! -e "$target/$folder" ] || rmdir "$target/$folder" 2>/dev/null; }; do
        folder=$(dirname "$folder")
    done
done
echo "$removed files of libmona were removed from $target"
