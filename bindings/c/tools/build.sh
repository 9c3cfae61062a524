#!/bin/sh
# Builds a tool against a built or installed libmona.
#
#     build.sh TOOL LIBRARY_DIR OUT [RPATH]
#
# TOOL is mona-doctor or mona-spool. LIBRARY_DIR holds libmona.so (or .dylib). RPATH is where OUT looks for the library
# when it runs: a folder, or one relative to OUT's own as $ORIGIN/../lib; without it the system's folders. CC and CFLAGS
# are respected; a flag with blanks has quotes, as in a recipe of make.
set -eu

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
    echo "usage: build.sh TOOL LIBRARY_DIR OUT [RPATH]" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tool=$1
library=$2
out=$3
case $tool in
mona-doctor) parts="wanted look watch steps found fifo hints scheme silence report spooled place lines inspect" ;;
mona-spool) parts="inspect drain progress reading" ;;
*)
    echo "build.sh: TOOL $tool: mona-doctor or mona-spool is expected" >&2
    exit 2
    ;;
esac
set -- ${4:+"-Wl,-rpath,$4"}
for part in $parts command describe terminal json amounts; do
    set -- "$@" "$here/$part.c"
done

# The compiler's path may have a blank, or options may stand behind its name.
if ! command -v "${CC:=cc}" >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # words
    set -- ${CC#"${CC%% *}"} "$@"
    CC=${CC%% *}
fi
eval "set -- ${CFLAGS:--O2} \"\$@\""
"$CC" -std=c11 -Wall -Wextra -I"$here/../../../include" "$@" "$here/$tool.c" -L"$library" -lmona -o "$out"
