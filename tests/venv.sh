#!/bin/sh
# Makes a Python environment with these packages of PyPI below cargo's target folder, once, and prints its folder of
# programs. Fails with what pip said where that cannot be had.
#
#     venv.sh NAME PACKAGE==VERSION...
set -eu

if [ $# -lt 2 ]; then
    echo "usage: venv.sh NAME PACKAGE==VERSION..." >&2
    exit 2
fi
name=$1
shift
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/venv"
folder=$(CDPATH='' cd -- "$target" && pwd)/venv/$name
# Suites that run side by side ask for the same one.
if command -v flock >/dev/null 2>&1; then
    exec 9>"$folder.lock"
    flock 9
fi
if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    # A machine without the net should not wait for it.
    "$folder/bin/pip" --quiet --disable-pip-version-check --retries 1 --timeout 15 install "$@" >&2
    echo "$*" >"$folder/packages"
fi
echo "$folder/bin"
