#!/bin/sh
# Checks that the library compiles for Windows, with the GNU and the Microsoft tool chain; where there is MinGW it is
# built, and where there is Wine the program that the README begins with runs with it.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.sh"

checker=check
warnings=
if cargo clippy --version >/dev/null 2>&1; then
    checker=clippy
    warnings='-- -D warnings'
fi
check() {
    # shellcheck disable=SC2086 # a list of words
    cargo $checker --quiet --locked --target-dir "$systems/check" -p mona -p mona-ffi "$@" $warnings
}

if has_target x86_64-pc-windows-msvc; then
    # ring has parts in C, which only Microsoft's own headers compile for it.
    try "the library without TLS for x86_64-pc-windows-msvc" \
        check --target x86_64-pc-windows-msvc --no-default-features --features mona/http
else
    skip "x86_64-pc-windows-msvc" "rustup target add x86_64-pc-windows-msvc"
fi

triple=x86_64-pc-windows-gnu
has_target $triple || {
    skip "$triple" "rustup target add $triple"
    finish
}
try "the library without TLS and HTTP for $triple" check --target $triple --no-default-features
cc=x86_64-w64-mingw32-gcc
command -v $cc >/dev/null 2>&1 || {
    skip "programs on Windows" "no $cc: Debian's gcc-mingw-w64-x86-64"
    finish
}
try "the library builds for $triple" \
    cargo build --quiet --locked --release $quick -p mona-ffi --target $triple --target-dir "$systems/windows" || finish
release=$systems/windows/$triple/release

# What the standard library and ours ask Windows for.
needs='-lws2_32 -liphlpapi -lbcrypt -lcrypt32 -lsecur32 -lncrypt -lntdll -luserenv -ladvapi32 -lkernel32'
link() {
    # shellcheck disable=SC2086 # a list of words
    $cc -Wall -Wextra -Werror -I include -o "$work/$1" "$2" "$3" $needs
}
try "hello.c links with the DLL" link hello.exe bindings/c/examples/hello.c "$release/libmona.dll.a"
try "hello.c links statically" link static.exe bindings/c/examples/hello.c "$release/libmona.a"
try "windows.c links with the DLL" link windows.exe tests/c/systems/windows.c "$release/libmona.dll.a"
cp "$release/mona.dll" "$work/"

wine=$(command -v wine64 || command -v wine || ls /usr/lib/wine/wine64 2>/dev/null)
[ -n "$wine" ] || {
    skip "programs on Windows" "no wine: Debian's wine64"
    finish
}
# Wine before 9.0 lacks a library that every program in Rust asks for.
find /usr/lib /opt -name bcryptprimitives.dll -path '*windows*' 2>/dev/null | grep -q . ||
    $cc -Wall -Wextra -Werror -shared -o "$work/bcryptprimitives.dll" tests/systems/bcryptprimitives.c -ladvapi32

# A Windows of its own, gone with the folder.
export WINEPREFIX="$work/wine" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
# Its server outlives the programs by some seconds, and writes into that folder.
trap 'tries=0
until rm -rf "$work" 2>/dev/null || [ "$tries" -gt 20 ]; do
    tries=$((tries + 1))
    sleep 1
done' EXIT
"$wine" wineboot --init >"$work/said" 2>&1

run() {
    endpoint=$1
    shift
    program=$1
    shift
    MONA_ENDPOINT=$endpoint "$wine" "$work/$program" "$@" >"$work/out" 2>"$work/err" || {
        cat "$work/out" "$work/err"
        return 1
    }
}
prints() {
    run stdout: "$1" && grep -q '"message":{"label":"cat","confidence":0.97' "$work/out"
}
writes() {
    run "file://$work/records" hello.exe && grep -q '"label":"cat"' "$work/records"
}
# A program, with these arguments, against a collector on this machine.
collected() {
    program=$1
    shift
    rm -f "$work/address" "$work/arrived"
    "$target/debug/mona-collector" --forward 127.0.0.1:0 --port-file "$work/address" --out "$work/arrived" \
        >"$work/table" &
    collector=$!
    tries=0
    until [ -s "$work/address" ] || [ "$tries" -gt 600 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    run "tcp://$(head -n 1 "$work/address")" "$program" "$@"
    status=$?
    kill -TERM "$collector"
    wait "$collector"
    return "$status"
}
arrives() {
    collected "$@" && grep -q '"label":"cat"' "$work/arrived"
}
# Every event of eight threads and the one that waited on the disk; what is not on Windows was said.
does_all() {
    collected windows.exe "$work/spool" || return 1
    grep -c '"who":"thread"' "$work/arrived" | grep -qx 4000 || return 1
    grep -c '"who":"spool"' "$work/arrived" | grep -qx 1 || return 1
    grep -c "on Windows" "$work/out" | grep -qx 2
}
try "hello.exe prints with mona.dll" prints hello.exe
try "static.exe prints" prints static.exe
try "hello.exe writes a file" writes
# As `make build-tests` has made it; other packages or features would be another build of it.
if try "a collector for them" ordinary test --quiet --no-run -p mona -p mona-collector; then
    try "hello.exe exports over TCP" arrives hello.exe
    try "static.exe exports over TCP" arrives static.exe
    try "windows.exe: threads, a spool, what is not there" does_all
fi
finish
