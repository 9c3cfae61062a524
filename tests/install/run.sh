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
unset MAKEFLAGS DESTDIR LIBDIR PREFIX FEATURES MONA_COLLECTOR MONA_TOOLS MONA_CC || true
prefix=$(mktemp -d)
counts=$(mktemp)
trap 'rm -rf "$prefix" "$counts"' EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' HUP TERM

sh "$root/bindings/c/install/install.sh" "$1" "$prefix"
part() {
    echo "== $1"
    shift
    # The status is in the counts; a part that ends without any has failed.
    { sh "$@" || true; } | tee "$counts.part"
    tail -n 1 "$counts.part" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' >>"$counts" ||
        echo "0 passed, 1 failed, 0 skipped" >>"$counts"
    rm -f "$counts.part"
}
part "make install" "$here/making.sh" "$1"
part "what was installed" "$here/check.sh" "$prefix"
part "programs without shared objects" "$here/static.sh" "$prefix"
part "CMake" "$here/cmake.sh" "$prefix"
part "manual pages and completions" "$here/manuals.sh" "$prefix"
part "samples of docs/install.md" "$here/samples.sh" "$prefix"

awk '{ passed += $1; failed += $3; skipped += $5 }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$counts"
