#!/bin/sh
# Builds the library against musl with zig, and runs programs in C with it, linked statically and dynamically: the one
# that the README begins with, and the programs that are tested with glibc.
#
#     musl.sh [long]
#
# With `long` the library is built as it is shipped, and more of the tests run.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.sh"

triple=x86_64-unknown-linux-musl
case $(uname -sm) in
"Linux x86_64") ;;
*)
    skip "musl" "its programs run on Linux on x86_64"
    finish
    ;;
esac
find_zig || {
    skip "musl" "zig and cargo-zigbuild cannot be had from PyPI"
    finish
}
has_target $triple || {
    skip "musl" "rustup target add $triple"
    finish
}

# Not linked into itself, as Rust does for musl: a shared object cannot be.
try "the library builds for musl" \
    env RUSTFLAGS='-C target-feature=-crt-static' CARGO_TARGET_DIR="$systems/musl" cargo zigbuild --quiet --locked --release $quick -p mona-ffi --target $triple || finish
release=$systems/musl/$triple/release
ln -sf libmona.so "$release/libmona.so.0"

static=$(tool musl-static "$zig" cc -target x86_64-linux-musl -Wno-unused-command-line-argument)
dynamic=$(tool musl-dynamic "$zig" cc -target x86_64-linux-musl -dynamic -Wno-unused-command-line-argument)
cxx=$(tool musl-cxx "$zig" c++ -target x86_64-linux-musl -dynamic -Wno-unused-command-line-argument)

hello() {
    MONA_ENDPOINT=stdout: "$work/hello" >"$work/out" || return 1
    grep -q '"message":{"label":"cat","confidence":0.97' "$work/out"
}

try "hello.c links statically" \
    "$static" -Wall -Wextra -Werror -I include -o "$work/hello" bindings/c/examples/hello.c "$release/libmona.a" -lunwind &&
    try "hello.c prints, linked statically" hello
try "what needs nothing of glibc stays so" sh -c "! readelf -d '$release/libmona.so' | grep NEEDED | grep -v 'libc.so\]'"

if [ ! -e /lib/ld-musl-x86_64.so.1 ]; then
    skip "programs linked dynamically" "no loader of musl: Debian's package musl"
    finish
fi
try "hello.c links dynamically" \
    "$dynamic" -Wall -Wextra -Werror -I include -o "$work/hello" bindings/c/examples/hello.c "$release/libmona.so" \
    "-Wl,-rpath,$release" &&
    try "hello.c prints, linked dynamically" hello

TEST_CC=$dynamic
TEST_CXX=$cxx
export TEST_CC TEST_CXX
# What is about glibc: what it has behind pthread_atfork, and that thread_local objects of C++ are destroyed in the order
# opposite to that in which they were made, which musl does not keep among libraries.
of_glibc='--skip a_child_forked_in_the_middle_of_the_first_call --skip exports_from_destructors'
# shellcheck disable=SC2086 # lists of words
programs "$release" --test systems --test life_cycle --test bad_input --test stacks -- $of_glibc $loads_it
echo "left out: $(echo "$of_glibc $loads_it" | grep -o -- '--skip' | wc -l) tests of glibc's own ways, and of objects that are loaded"
finish
