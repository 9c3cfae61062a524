#!/bin/sh
# Builds the end-to-end benchmark against a release build: build.sh FOLDER_OF_LIBMONA OUTPUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lib=$(cd "$1" && pwd)
${CC:-cc} -std=c11 -O2 -Wall -Wextra -Werror -I "$here/../../../include" "$here"/*.c \
    -o "$2" -L "$lib" -lmona -Wl,-rpath,"$lib" -lpthread
