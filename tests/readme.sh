#!/bin/sh
# Follows README.md word by word: its blocks are taken from it by machine and run in order, in a copy of this tree and
# with a home of its own. Then the demo on a terminal, and the size that the README states.
#
# What the copy builds goes into a folder of its own below cargo's: other suites use what is there. It is linked quickly; the
# size is that of the library as it is shipped. Ends with "N passed, N failed, N skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
MONA_COLLECTOR=no CARGO_TARGET_DIR=$target sh "$root/bindings/c/install/build.sh" "$target"
export MONA_SHIPPED="$target/release/libmona.so"
export CARGO_TARGET_DIR="$target/readme"
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
exec python3 "$here/readme/run.py" "$root"
