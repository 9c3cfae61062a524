#!/bin/sh
# Builds mona-doctor against a built or installed libmona.
#
#     build.sh LIBRARY_DIR OUT [RPATH]
#
# LIBRARY_DIR holds libmona.so (or .dylib). RPATH is where OUT looks for the library when it runs: a folder, or one
# relative to OUT's own as $ORIGIN/../lib; without it the system's folders. CC and CFLAGS are respected.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: build.sh LIBRARY_DIR OUT [RPATH]" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
library=$1
out=$2
set -- ${3:+"-Wl,-rpath,$3"}

# shellcheck disable=SC2086 # flags are words
"${CC:-cc}" -std=c11 -Wall -Wextra ${CFLAGS:--O2} -I"$here/../../../include" \
    "$here/mona-doctor.c" "$here/report.c" "$here/json.c" -L"$library" -lmona "$@" -o "$out"
