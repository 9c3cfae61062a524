#!/bin/sh
# Builds the library for systems older than this one: against the C library that PORTABLE_GLIBC names (2.17, of 2012),
# with zig as the C compiler and linker.
#
#     portable.sh [ARCHITECTURE]
#
# ARCHITECTURE is x86_64 (this machine's where it is left out) or aarch64. cargo-zigbuild and zig are those on PATH,
# or come from PyPI into a Python environment below cargo's target folder. Prints the folder with libmona.so and
# libmona.a, which install.sh takes. PORTABLE_CONFIG is a file of settings for cargo, where one is wanted: tests have the
# library made quickly. Ends with 3 where the tools cannot be had.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
triple=${1:-$(uname -m)}-unknown-linux-gnu
target=${CARGO_TARGET_DIR:-$root/target}
# A folder of its own, or these objects and those of an ordinary build would throw each other's work away.
export CARGO_TARGET_DIR="$target/portable"

if ! command -v cargo-zigbuild >/dev/null 2>&1; then
    bin=$(CARGO_TARGET_DIR=$target sh "$root/tests/venv.sh" zig cargo-zigbuild==0.24.0 ziglang==0.17.0) || exit 3
    PATH=$bin:$PATH
fi
if [ ! -d "$(rustc --print target-libdir --target "$triple" 2>/dev/null)" ]; then
    rustup target add "$triple" >&2 || exit 3
fi
cd "$root"
cargo zigbuild ${PORTABLE_CONFIG:+--config "$PORTABLE_CONFIG"} --quiet --locked --release -p mona-ffi \
    --target "$triple.${PORTABLE_GLIBC:-2.17}" >&2
echo "$CARGO_TARGET_DIR/$triple/release"
