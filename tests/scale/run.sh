#!/bin/sh
# Sees to the set-up, then makes the runs that are named, or all of them.
#
#     run.sh [RUN...]
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
SCALE_FOLDER=$(sh "$here/setup.sh")
export SCALE_FOLDER
cd "$here"
exec env PYTHONDONTWRITEBYTECODE=1 "$SCALE_FOLDER/python/bin/python" -m scale "$@"
