#!/bin/sh
# Builds the glue for JNI and lays it beside libmona, as the jar carries both: natives.sh PREFIX FOLDER
set -eu
prefix=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$2/dev/libmona/natives/linux-$(uname -m)
mkdir -p "$folder"
java=${JAVA_HOME:-$(dirname -- "$(dirname -- "$(readlink -f "$(command -v javac)")")")}
"${CC:-cc}" -std=c11 -O2 -fPIC -shared -Wall -Wextra -Werror -fvisibility=hidden \
    -I"$prefix/include" -I"$java/include" -I"$java/include/linux" \
    -o "$folder/libmona-jni.so" "$here/src/main/c/glue.c" -ldl
cp -L "$prefix/lib/libmona.so" "$folder/libmona.so"
