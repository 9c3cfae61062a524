#!/bin/sh
# Builds the ARC assembler and what tests and benchmarks of it need.
#
#     build.sh [FOLDER]
#
# The folder is `target` beside this script without one. Maven keeps what it loads where it always does.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${1:-$here/target}
mkdir -p "$build"
# What was loaded before is enough, and then nothing is asked of the network.
maven() {
    (cd "$here" && mvn "$@" -q -B -ntp "-Dmona.build=$build" -DskipTests package) >"$build/log" 2>&1
}
maven -o || { grep -q 'offline mode' "$build/log" && maven; } || {
    tail -n 40 "$build/log"
    exit 1
}
