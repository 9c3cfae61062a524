#!/bin/sh
# Compiles the fleet simulator against the libmona that pkg-config finds; PKG_CONFIG_PATH names a prefix of its own.
#
#     build.sh PROGRAM
set -eu

if [ $# != 1 ]; then
    echo "usage: build.sh PROGRAM" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$(pkg-config --variable=libdir mona)
# shellcheck disable=SC2046,SC2086 # several words each
${CC:-cc} -std=c11 -O2 -g -Wall -Wextra -Werror -pthread $(pkg-config --cflags mona) "$here"/*.c -o "$1" \
    $(pkg-config --libs mona) -Wl,-rpath,"$folder" -lm
