#!/bin/sh
# Follows README.md word by word: its blocks are taken from it by machine and run in order, in a copy of this tree and
# with a home of its own. Then the demo on a terminal, and the size that the README states.
#
# CARGO_TARGET_DIR is used as it is: what is there need not be built. Ends with "N passed, N failed, N skipped".
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
export CARGO_TARGET_DIR="$target"
exec python3 "$here/readme/run.py" "$root"
