#!/bin/sh
# Writes the manual pages and the words for shells anew, or compares them.
#
#     make.sh RELEASE_DIR [--check]
#
# RELEASE_DIR is cargo's, with libmona and mona-collector in it. CC builds the tools, which are asked for their options.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: make.sh RELEASE_DIR [--check]" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
release=$(CDPATH='' cd -- "$1" && pwd)
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
abi=$(sed -n 's/^#define MONA_ABI_VERSION *//p' "$root/include/mona.h")
for library in "$release"/libmona.so "$release"/libmona.dylib; do
    [ ! -f "$library" ] || cp "$library" "$work/"
done
[ ! -f "$work/libmona.so" ] || ln -s libmona.so "$work/libmona.so.$abi"
[ ! -f "$work/libmona.dylib" ] || ln -s libmona.dylib "$work/libmona.$abi.dylib"
for tool in mona-doctor mona-spool; do
    sh "$root/bindings/c/tools/build.sh" "$tool" "$work" "$work/$tool" "$work"
done
[ ! -f "$release/mona-collector" ] || ln -s "$release/mona-collector" "$work/mona-collector"
python3 -B "$here/generate" --programs "$work" "$@"
