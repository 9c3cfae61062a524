#!/bin/sh
# Installs into a temporary prefix and checks what a user can do with it.
#
#     run.sh RELEASE_DIR
#
# Exit status: 0 if nothing failed. The last line has the counts of all parts.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
# `make` gives its own variables to what it runs.
unset MAKEFLAGS DESTDIR LIBDIR PREFIX FEATURES MONA_COLLECTOR MONA_TOOLS MONA_RPATH MONA_CC || true
prefix=$(mktemp -d)
said=$(mktemp -d)
trap 'rm -rf "$prefix" "$said"' EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' HUP TERM

sh "$root/bindings/c/install/install.sh" "$1" "$prefix"

# part FILE ARGUMENTS...: a script of this folder; what it says goes to a file, and is shown when all of it is there.
part() {
    name=$1
    shift
    sh "$here/$name.sh" "$@" >"$said/$name" 2>&1 || true
    # The counts of parts are in the last line of all.
    grep -vE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$said/$name" || true
}
# Two at a time: most of the time a single compiler or linker runs.
{
    part making "$1"
    part static "$prefix"
    part manuals "$prefix"
} &
other=$!
part check "$prefix"
part cmake "$prefix"
part samples "$prefix"
wait "$other"

# A part that ended without its counts has failed.
for name in making static manuals check cmake samples; do
    tail -n 1 "$said/$name" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' ||
        echo "0 passed, 1 failed, 0 skipped"
done | awk '{ passed += $1; failed += $3; skipped += $5 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }'
