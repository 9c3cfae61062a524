#!/bin/sh
# Runs an example with a real collector and compares what arrived with what it promises.
#
#     example.sh quickstart|batch|workers|FILE.json COMMAND...
#
# The promises, the same for all languages, are in bindings/harness/examples.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec python3 "$here/example.py" "$@"
