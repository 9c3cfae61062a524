#!/bin/sh
# Compiles the addon and puts libmona beside it.
#
#     build.sh FOLDER
#
# FOLDER gets mona.node and the library under its soname; the addon finds it there, wherever the folder goes. libmona is
# that of MONA_LIBRARY_FOLDER, of MONA_PREFIX, or of pkg-config; CC compiles, for another system too. The headers of
# Node-API come with Node, or are in NODE_INCLUDE. Node-API is the same in every version, so one build serves all.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
folder=$1
cc=${CC:-cc}
include=$root/include

if [ -n "${MONA_LIBRARY_FOLDER:-}" ]; then
    lib=$MONA_LIBRARY_FOLDER
elif [ -n "${MONA_PREFIX:-}" ]; then
    for lib in "$MONA_PREFIX/lib" "$MONA_PREFIX/lib64" "$MONA_PREFIX"/lib/*-linux-gnu; do
        [ ! -e "$lib/libmona.so" ] || break
    done
else
    lib=$(pkg-config --variable=libdir mona)
fi

headers=${NODE_INCLUDE:-}
[ -n "$headers" ] || headers=$(dirname "$(dirname "$(node -p 'fs.realpathSync(process.execPath)')")")/include/node
if [ ! -f "$headers/node_api.h" ]; then
    echo "build: node_api.h is not in $headers; NODE_INCLUDE names its folder" >&2
    exit 3
fi

mkdir -p "$folder"
soname=libmona.so.$(sed -n 's/^#define MONA_ABI_VERSION //p' "$include/mona.h")
cp -L "$lib/libmona.so" "$folder/$soname"
# DT_RPATH goes before LD_LIBRARY_PATH: the package brings the library that it was made with. Node's own functions are
# found when it loads the addon.
# shellcheck disable=SC2016,SC2086 # a word of the linker's; CC and CFLAGS are several words
$cc -std=c11 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Werror ${CFLAGS:-} -I"$include" -I"$headers" -shared \
    -o "$folder/mona.node" "$here"/../native/*.c "$folder/$soname" -pthread \
    -Wl,-rpath,'$ORIGIN' -Wl,--disable-new-dtags -Wl,-z,now
