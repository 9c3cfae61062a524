#!/bin/sh
# Runs the tests of the encoder and of the queue, and the fuzzer, as programs for 64-bit ARM under an emulator: on other
# machines nothing else compiles what is written for that processor. Where a part is missing it names it and stops; an
# ARM machine needs none of this, there `make test-rust test-fuzz` do the same.
#
# Ends with counts. Tests that depend on time are left out, the emulator is slow.
set -u

triple=aarch64-unknown-linux-gnu

skip() {
    echo "skipped: 64-bit ARM ($1)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

case $(uname -sm) in
"Linux aarch64") skip "this is such a machine: test-rust and test-fuzz" ;;
Linux*) ;;
*) skip "emulated on Linux only" ;;
esac
command -v qemu-aarch64 >/dev/null 2>&1 || skip "no qemu-aarch64: Debian's qemu-user"
libc=$(aarch64-linux-gnu-gcc -print-file-name=libc.so.6 2>/dev/null)
crt=$(aarch64-linux-gnu-gcc -print-file-name=crt1.o 2>/dev/null)
{ [ -e "$libc" ] && [ -e "$crt" ]; } ||
    skip "no compiler and libc for it: Debian's gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
[ -d "$(rustc --print target-libdir --target $triple 2>/dev/null)" ] || skip "rustup target add $triple"

# Where the emulator looks for the dynamic loader, in lib/ of it.
QEMU_LD_PREFIX=$(dirname "$(dirname "$libc")")
CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=qemu-aarch64
export QEMU_LD_PREFIX CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER

# A folder of its own, where nothing waits for other tests that are built meanwhile.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/arm
export CARGO_TARGET_DIR

# Without TLS: the encoder has no use for it, and it takes long to build.
core="--target $triple -p mona --no-default-features --lib"
if cargo clippy --version >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # a list of words
    cargo clippy --config tests/lint.toml $core -- -D warnings || exit 1
fi
# Not optimised, as compiling takes longer than running; the fuzzer is, and asks the encoder for the same.
# shellcheck disable=SC2086 # a list of words
cargo test $core -- encode:: queue:: || exit 1
cargo run --profile fuzz --target $triple -p mona-fuzz -- --short --inputs 20000
