#!/bin/sh
# libmona for another processor: built by CMake with a tool chain file, installed, and used by programs that run under an
# emulator. A release build of its own, minutes of it.
#
#     cross.sh
#
# The tool chain is Debian's for 64-bit ARM. On such a machine, and where a part of it is missing, it is skipped.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
triple=aarch64-unknown-linux-gnu
system=/usr/aarch64-linux-gnu

if [ "$(uname -m)" = aarch64 ]; then
    skip "the library for 64-bit ARM" "this is such a machine"
    summary
    exit
fi
if ! needs "the library for 64-bit ARM" cmake cargo rustc aarch64-linux-gnu-gcc qemu-aarch64; then
    summary
    exit
elif [ ! -d "$(rustc --print target-libdir --target $triple)" ]; then
    skip "the library for 64-bit ARM" "rustup target add $triple"
    summary
    exit
fi

cat >"$work/tool chain.cmake" <<'CHAIN'
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
CHAIN

emulated() {
    qemu-aarch64 -L "$system" "$@"
}

is_of_arm() {
    readelf -h "$1" | grep -F AArch64
}

builds() {
    cmake -S "$root" -B "$work/a build" -DCMAKE_TOOLCHAIN_FILE="$work/tool chain.cmake" -DMONA_EXAMPLES=ON \
        -DMONA_CARGO_TARGET_DIR="$cargo_target" -DCMAKE_INSTALL_LIBDIR=lib/aarch64-linux-gnu
    cmake --build "$work/a build"
    is_of_arm "$work/a build/lib/libmona.so.$abi"
    DESTDIR="$work/stage" cmake --install "$work/a build" --prefix /usr
}

its_example_runs() {
    MONA_ENDPOINT=stdout: emulated "$work/a build/bindings/c/examples/mona-hello" >"$work/records"
    cat "$work/records"
    grep '"confidence":0.97' "$work/records"
}

# What was installed, found by the tool chain that it is for.
is_found() {
    cmake -S "$here/cmake-installed" -B "$work/found" -DCMAKE_TOOLCHAIN_FILE="$work/tool chain.cmake" \
        -DCMAKE_PREFIX_PATH="$work/stage/usr" -DPROGRAM="$here/program.c" -DWANTED="$version"
    cmake --build "$work/found"
    for program in with_mona with_mona_static; do
        is_of_arm "$work/found/$program"
        works qemu-aarch64 -L "$system" "$work/found/$program"
    done
}

static_runs() {
    aarch64-linux-gnu-gcc -std=c11 -static -I"$root/include" "$here/program.c" \
        "$work/stage/usr/lib/aarch64-linux-gnu/libmona.a" -lm -o "$work/static"
    is_of_arm "$work/static"
    works "qemu-aarch64" "$work/static"
}

tools_run() {
    for tool in mona-doctor mona-spool; do
        is_of_arm "$work/stage/usr/bin/$tool"
        emulated "$work/stage/usr/bin/$tool" --version | grep -F "$version"
    done
    emulated "$work/stage/usr/bin/mona-doctor" -o "endpoint=file://$work/doctor.ndjson"
}

began=$(date +%s)
check "CMake builds and installs it with a tool chain file" builds
if [ "$failed" -eq 0 ]; then
    check "the example hello.c runs and prints its records" its_example_runs
    check "find_package with the tool chain, shared and static" is_found
    check "a program without shared objects" static_runs
    check "mona-doctor and mona-spool" tools_run
fi
echo "      in $(($(date +%s) - began)) s"
summary
