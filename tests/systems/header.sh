#!/bin/sh
# That mona.h and mona.hpp compile for every system, in every standard of C and C++, without a warning. zig has the
# headers of their C libraries and Clang.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.sh"

find_zig || {
    skip "the headers on other systems" "zig cannot be had from PyPI"
    finish
}

printf '#include "mona.h"\nint main(void) { return mona_version() == 0; }\n' >"$work/all.c"
cp "$work/all.c" "$work/all.cc"
printf '#include "mona.hpp"\nint main() { return mona_version() == nullptr; }\n' >"$work/all.cpp"

compile() {
    # shellcheck disable=SC2086 # a list of words
    "$zig" $1 -target "$2" -std="$3" -c -o "$work/out.o" -Wno-unused-command-line-argument -Wall -Wextra -Wpedantic -Werror -I include -I bindings/cpp "$4"
}

for system in x86_64-linux-gnu x86_64-linux-musl aarch64-linux-musl aarch64-macos x86_64-macos x86_64-windows-gnu; do
    broken=
    for standard in c89 c99 c11 c17 c23; do
        compile cc $system $standard "$work/all.c" >"$work/said" 2>&1 || {
            cat "$work/said"
            broken="$broken $standard"
        }
    done
    for standard in c++98 c++11 c++14 c++17 c++20 c++23; do
        compile c++ $system $standard "$work/all.cc" >"$work/said" 2>&1 || {
            cat "$work/said"
            broken="$broken $standard"
        }
    done
    if [ -z "$broken" ]; then pass "mona.h for $system"; else fail "mona.h for $system in$broken"; fi
    try "mona.hpp for $system" compile c++ $system c++17 "$work/all.cpp"
done
finish
