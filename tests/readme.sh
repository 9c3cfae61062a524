#!/bin/sh
# Follows README.md word by word: its blocks are taken from it by machine and run in order, in a copy of this tree and
# with a home of its own. Then the demo on a terminal, and the size that the README states.
#
# What the copy builds goes into a folder of its own below cargo's: other suites use what is there. For `make install` that
# folder begins with what cargo has built of this tree. Cargo looks at every file that something was made of: what the copy
# lacks or has otherwise is compiled there. Ends with "N passed, N failed, N skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
CARGO_TARGET_DIR=$target sh "$root/bindings/c/install/build.sh" "$target"
export MONA_SHIPPED="$target/release/libmona.so"
rm -rf "$target/readme/release"
mkdir -p "$target/readme"
# With their dates, by which cargo tells what is up to date.
cp -Rp "$target/release" "$target/readme/release"
export CARGO_TARGET_DIR="$target/readme"
exec python3 "$here/readme/run.py" "$root"
