#!/bin/sh
# Checks that the library compiles for macOS, on Intel and Apple's processors. Nothing is linked or run:
# that takes Apple's SDK, which nobody else may hand out.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.sh"

[ "$(uname -s)" != Darwin ] || {
    skip "macOS from elsewhere" "this is macOS: the other tests"
    finish
}
find_zig || zig=

# The crates that are compiled in C need a compiler for macOS, which zig is as long as nothing of the SDK is asked for.
check() {
    triple=$1
    shift
    # shellcheck disable=SC2086 # a list of words
    env "CC_$(echo "$triple" | tr - _)=$cc" "AR_$(echo "$triple" | tr - _)=$ar" \
        cargo $checker --quiet --locked --target "$triple" --target-dir "$systems/check" "$@" $warnings
}

checker=check
warnings=
if cargo clippy --version >/dev/null 2>&1; then
    checker=clippy
    warnings='-- -D warnings'
fi
for processor in aarch64 x86_64; do
    triple=$processor-apple-darwin
    has_target $triple || {
        skip "$triple" "rustup target add $triple"
        continue
    }
    cc=
    ar=
    try "the library without TLS and HTTP for $triple" check $triple -p mona -p mona-ffi --no-default-features
    if [ -z "$zig" ]; then
        skip "the library with TLS and HTTP for $triple" "zig cannot be had from PyPI"
        continue
    fi
    # Without what Apple's Clang is told and zig does not know.
    # shellcheck disable=SC2016 # for the script that is written
    cc=$(tool "cc-$triple" sh -c 'system=$1
shift
for word do
    shift
    case $word in
    --target=* | -gfull | -mmacosx-version-min=*) ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec "$0" cc -target "$system" "$@"' "$zig" "$processor-macos")
    ar=$(tool zig-ar "$zig" ar)
    try "the library for $triple" check $triple -p mona -p mona-ffi
done
finish
