#!/bin/sh
# The smallest library and those between, as `make install FEATURES=...` makes them: what they are without, and how large they
# are. A release build for each, minutes of it; SLIM="http tls" builds those besides the smallest.
#
#     slim.sh RELEASE_DIR
#
# RELEASE_DIR has the whole library, to compare with.
set -u

if [ $# -ne 1 ] || [ ! -f "$1/libmona.so" ]; then
    echo "usage: slim.sh RELEASE_DIR" >&2
    exit 2
fi
release=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
# Of its own, or the whole library would be made anew afterwards.
target=$cargo_target/slim

stripped_size() {
    strip -o "$work/stripped" "$1"
    wc -c <"$work/stripped" | tr -d ' '
}

# makes LIST: installs the library with these features to $prefix.
makes() {
    make --no-print-directory -C "$root" install PREFIX="$prefix" CARGO_TARGET_DIR="$target" MONA_COLLECTOR=no \
        FEATURES="$1"
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046 # flags are words
    compile "$here/program.c" $(pkg-config --cflags --libs mona) -Wl,-rpath,"$prefix/lib" -o "$work/slim-program"
    works "$work/slim-program"
}

# refuses ENDPOINT: the doctor says that the library is without what it needs.
refuses() {
    refused 2 "which this build of libmona leaves out" limited "$prefix/bin/mona-doctor" -o "endpoint=$1"
}

# The row of docs/install.md is right to a twentieth, for whole and stripped.
size_is_told() {
    row=$(sed -n "s/^| $1 | \([0-9.]*\) MB | \([0-9.]*\) MB |.*/\1 \2/p" "$root/docs/install.md")
    found="$(wc -c <"$2" | tr -d ' ') $(stripped_size "$2")"
    echo "$1: $found bytes; docs/install.md: $row MB"
    [ -n "$row" ]
    echo "$row $found" | awk '{ exit !($3 / 1e6 > $1 * 0.95 && $3 / 1e6 < $1 * 1.05 && $4 / 1e6 > $2 * 0.95 && $4 / 1e6 < $2 * 1.05) }'
}

smallest() {
    prefix=$work/smallest
    makes ""
    for endpoint in http://127.0.0.1:1 https://127.0.0.1:1 otlp+http://127.0.0.1:1 tls://127.0.0.1:1; do
        refuses "$endpoint"
    done
    size_is_told "\`FEATURES=\`" "$prefix/lib/libmona.so.$abi"
    # Less than two thirds of the whole one.
    [ $(($(stripped_size "$prefix/lib/libmona.so.$abi") * 3)) -lt $(($(stripped_size "$release/libmona.so") * 2)) ]
}

one_of_two() {
    prefix=$work/$1
    makes "$1"
    refuses "$2"
    size_is_told "\`FEATURES=$1\`" "$prefix/lib/libmona.so.$abi"
}

check "the size of the whole library is told" size_is_told 'all' "$release/libmona.so"
check "FEATURES=: works, is without HTTP and TLS, and small" smallest
for feature in ${SLIM:-}; do
    case $feature in
    http) check "FEATURES=http: works, is without TLS" one_of_two http tls://127.0.0.1:1 ;;
    tls) check "FEATURES=tls: works, is without HTTP" one_of_two tls http://127.0.0.1:1 ;;
    esac
done
summary
