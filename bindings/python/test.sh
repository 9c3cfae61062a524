#!/bin/sh
# Builds the wheels, and tests the packages as pip installs them from there, on every Python that is found here.
#
#     test.sh
#
# Environments and wheels stay below cargo's target folder. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/python"
target=$(CDPATH='' cd -- "$target" && pwd)
export CARGO_TARGET_DIR="$target"
dist=$target/python/dist

pythons=$(sh "$here/packaging/interpreters.sh")
# shellcheck disable=SC2086 # one path each, and none has a blank in it
newest=$(python3 "$here/packaging/headers.py" $pythons)
if [ -z "$newest" ]; then
    echo "skipped: all of it (no CPython of 3.10 or later with its headers)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
# How far the library is optimised changes nothing that these tests ask.
if ! PORTABLE_CONFIG=$here/matrix/quick.toml sh "$here/packaging/wheels.sh" "$dist"; then
    echo "FAILED: the wheels are not built"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
# shellcheck disable=SC2086 # the same list
exec "$newest" "$here/matrix/run.py" "$dist" "$target/python" $pythons
