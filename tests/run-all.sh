#!/bin/sh
# Runs make targets side by side, all of them whatever fails, and counts their tests: tests/run_all.py, which has the
# table of targets.
#
#     run-all.sh [TARGET...]
set -u

command -v python3 >/dev/null 2>&1 || {
    echo "run-all.sh: python3 is not found, it runs the suites side by side; each is a target of make by itself" >&2
    exit 1
}
exec python3 "$(dirname -- "$0")/run_all.py" "$@"
