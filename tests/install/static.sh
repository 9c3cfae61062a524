#!/bin/sh
# Programs without a single shared object, of C and C++: that they link, and that they export to a file and to a collector.
#
#     static.sh PREFIX
#
# PREFIX is an installed libmona; the collector is that of PREFIX, and without one its check is skipped.
set -u

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: static.sh PREFIX" >&2
    exit 2
fi
prefix=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
pc=$(find "$prefix" -path '*/pkgconfig/mona.pc' | head -n 1)
PKG_CONFIG_PATH=${pc%/mona.pc}
export PKG_CONFIG_PATH

# The C library says that its resolver loads parts of itself when a program runs; anything else is a fault.
only_of_the_resolver() {
    if grep -E 'warning|error|undefined' "$1" | grep -v -E "Using '(getaddrinfo|gethostbyname|getpwnam_r|getpwuid_r)' in statically"; then
        return 1
    fi
}

alone() {
    # One without an interpreter that would load anything.
    readelf -lW "$1" >"$work/headers"
    if grep INTERP "$work/headers"; then
        return 1
    fi
}

links() {
    # Blanks in the prefix are escaped for a shell there.
    eval "compile \"\$here/program.c\" $1 $(pkg-config --static --cflags --libs mona) -o \"\$work/program$1\"" \
        2>"$work/said" || { cat "$work/said" && return 1; }
    cat "$work/said"
    only_of_the_resolver "$work/said"
    alone "$work/program$1"
    works "$work/program$1"
}

links_in_cpp() {
    eval "$cxx -std=c++17 -Wall -Wextra -Werror -static \"\$root/bindings/cpp/examples/quick_start.cpp\" \
        $(pkg-config --static --cflags --libs mona-cpp) -o \"\$work/in-cpp\""
    alone "$work/in-cpp"
    works_in_cpp "$work/in-cpp"
}

collector() {
    rm -f "$work/address"
    "$prefix/bin/mona-collector" --forward 127.0.0.1:0 --port-file "$work/address" --out "$work/records" --exit-when-idle \
        >"$work/table" 2>&1 &
    collector=$!
    tries=0
    while [ ! -s "$work/address" ] && kill -0 "$collector" 2>/dev/null && [ "$tries" -lt 600 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    address=$(cat "$work/address")
}

# By its address, which nothing has to be looked up for, and by the name that every system has in /etc/hosts.
reaches_a_collector() {
    collector
    for host in 127.0.0.1 localhost; do
        MONA_ENDPOINT=tcp://$host:${address##*:} limited "$work/program-static" exit
    done
    # It ends when nothing came for a second, and is ended where a program never came.
    limited tail --pid="$collector" -f /dev/null || kill "$collector"
    wait "$collector"
    cat "$work/records"
    [ "$(grep -c '"last"' "$work/records")" -eq 2 ]
}

if [ "$(uname -s)" != Linux ]; then
    skip "programs without shared objects" "this system has none"
elif needs "programs without shared objects" pkg-config readelf; then
    if [ ! -f "$($cc -print-file-name=libc.a)" ]; then
        skip "programs without shared objects" "no static C library on this machine"
    else
        check "cc -static: a file, a panic that is contained, the flush at exit" links -static
        check "cc -static-pie" links -static-pie
        needs "C++ -static" "$cxx" && check "c++ -static" links_in_cpp
        if [ -x "$prefix/bin/mona-collector" ]; then
            check "a static program reaches a collector by address and by name" reaches_a_collector
        else
            skip "a static program reaches a collector" "no mona-collector in the prefix"
        fi
    fi
fi
summary
