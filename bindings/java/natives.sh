#!/bin/sh
# Builds the glue for JNI and lays it beside libmona, as the jar carries both: natives.sh PREFIX FOLDER
set -eu
prefix=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$2/dev/libmona/natives/linux-$(uname -m)
mkdir -p "$folder"
java=${JAVA_HOME:-$(dirname -- "$(dirname -- "$(readlink -f "$(command -v javac)")")")}
# A compiler may be several words: zig cc -target x86_64-linux-gnu.2.17
# shellcheck disable=SC2086
${CC:-cc} -std=c11 -O2 -fPIC -shared -Wall -Wextra -Werror -fvisibility=hidden \
    -I"$prefix/include" -I"$java/include" -I"$java/include/linux" \
    -o "$folder/libmona-jni.so" "$here/src/main/c/glue.c" -ldl
for library in "$prefix/lib" "$prefix/lib64" "$prefix"/lib/*-linux-gnu; do
    if [ -e "$library/libmona.so" ]; then
        cp -L "$library/libmona.so" "$folder/libmona.so"
        exit
    fi
done
echo "no libmona.so in $prefix/lib; name the prefix where it is installed by -Dmona.prefix" >&2
exit 1
