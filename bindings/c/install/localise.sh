#!/bin/sh
# Makes a static library whose only global names are mona_*.
#
#     localise.sh RUST_ARCHIVE OUT_ARCHIVE
#
# A Rust static library carries the whole standard library with global names, and two of them in one program
# collide. Here everything becomes one object, and all names but ours are made local to it. LD, OBJCOPY and AR
# name other tools, for cross builds. On systems other than Linux the archive is copied as it is.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: localise.sh RUST_ARCHIVE OUT_ARCHIVE" >&2
    exit 2
fi
from=$1
to=$2

if [ "$(uname -s)" != Linux ]; then
    cp "$from" "$to"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"${LD:-ld}" -r --whole-archive "$from" -o "$work/mona.o"

# DW.ref.* point at the unwinder's entry and sit in sections that the linker merges by name: a local one would
# refer to a section that was merged away. The .llvm* sections and the debug information are only of use to a Rust compiler.
"${OBJCOPY:-objcopy}" --wildcard --keep-global-symbol='mona_*' --keep-global-symbol='DW.ref.*' \
    --remove-section .llvmbc --remove-section .llvmcmd --strip-debug "$work/mona.o"

# `ar` adds to an archive that exists; the new one takes the old one's place in one step.
"${AR:-ar}" rcsD "$work/libmona.a" "$work/mona.o"
cp "$work/libmona.a" "$to.new"
mv -f "$to.new" "$to"
