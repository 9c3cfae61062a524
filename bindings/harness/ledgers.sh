#!/bin/sh
# Counts what arrives of processes that end in different ways.
#
#     ledgers.sh COMMAND... <ENDS
#
# A line of ENDS is an end, the events that arrive then, and the status of the process as ledger.py takes it; COMMAND gets
# the end as its last argument. Lines that begin with # say why. For suites that have sourced setup.sh; the closing line
# counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
passed=0
failed=0
while read -r end events status; do
    case $end in
    '' | '#') continue ;;
    esac
    if python3 "$here/ledger.py" --expect "$events" --status "$status" -- "$@" "$end" >"$MONA_SCRATCH/ledger" 2>&1 \
        </dev/null; then
        passed=$((passed + 1))
    else
        echo "FAILED: end $end"
        sed 's/^/  /' "$MONA_SCRATCH/ledger"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
