#!/bin/sh
# Builds the library for 64-bit ARM with Debian's cross compiler, and runs the programs in C of the tests with it under
# an emulator, against collectors on this machine. tests/arm.sh runs the encoder and the fuzzer.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/common.sh"

triple=aarch64-unknown-linux-gnu
case $(uname -sm) in
"Linux aarch64")
    skip "64-bit ARM" "this is such a machine: the other tests"
    finish
    ;;
Linux*) ;;
*)
    skip "64-bit ARM" "emulated on Linux only"
    finish
    ;;
esac
command -v qemu-aarch64 >/dev/null 2>&1 || {
    skip "64-bit ARM" "no qemu-aarch64: Debian's qemu-user"
    finish
}
libc=$(aarch64-linux-gnu-gcc -print-file-name=libc.so.6 2>/dev/null)
[ -e "$libc" ] || {
    skip "64-bit ARM" "no compiler and libc for it: Debian's gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
    finish
}
has_target $triple || {
    skip "64-bit ARM" "rustup target add $triple"
    finish
}

try "the library builds for $triple" \
    env CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    cargo build --quiet --locked --release -p mona-ffi --target $triple --target-dir "$systems/arm" || finish

# Where the emulator looks for the dynamic loader, in lib/ of it.
QEMU_LD_PREFIX=$(dirname "$(dirname "$libc")")
TEST_CC=aarch64-linux-gnu-gcc
TEST_RUNNER=qemu-aarch64
export QEMU_LD_PREFIX TEST_CC TEST_RUNNER
# What is bound by time, which the emulator takes several times as much of; and children that start threads, in which the
# qemu-user of Debian 12 (7.2) ends with an assertion of its own.
of_time='--skip exit_is_bounded --skip exit_waits'
of_forks='--skip a_forked_child_sends --skip forked_children_go_on --skip a_child_forked_in_the_middle'
# shellcheck disable=SC2086 # lists of words
programs "$systems/arm/$triple/release" --test systems --test bad_input --test stacks --test life_cycle -- $loads_it $of_time $of_forks
echo "left out: $(echo "$loads_it $of_time $of_forks" | grep -o -- '--skip' | wc -l) tests of objects that are loaded, of time, and of forks"
finish
