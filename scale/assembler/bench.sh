#!/bin/sh
# What the ARC assembler costs: processor time an event and memory, against a Kafka of its own. Some minutes, best on a
# machine that does nothing else.
#
#     bench.sh [FOLDER [VARIANT...]]
#
# The folder takes what is built, `target` beside this script without one. Variants: see tests/bench.py; all without any.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=${1:-$here/target}
[ $# = 0 ] || shift
sh "$here/build.sh" "$build"
exec python3 "$here/tests/bench.py" "$build" "$@"
