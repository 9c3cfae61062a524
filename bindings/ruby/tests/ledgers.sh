#!/bin/sh
# Counts what arrives of processes that end in different ways.
#
#     ledgers.sh RUBY...
#
# Sourced setup.sh before: MONA_COLLECTOR and MONA_LIBRARY are set. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
passed=0
failed=0

ledger() { # NAME EVENTS STATUS
    # shellcheck disable=SC2086 # a command and its argument
    if python3 "$here/../../harness/ledger.py" --expect "$2" --status "$3" -- $ruby "$here/ends.rb" "$1" >"$MONA_SCRATCH/ledger" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAILED: end $1"
        sed 's/^/  /' "$MONA_SCRATCH/ledger"
        failed=$((failed + 1))
    fi
}

ruby=$*
ledger return 100 0
ledger exit 100 3
ledger exception 100 1
ledger abort 100 1
ledger term 100 SIGTERM
ledger exit-bang 100 0
ledger exec 100 0
ledger own-client 100 0
ledger at-exit 100 0
ledger threads 800 0
ledger forks 801 0
ledger fork-inside 800 0
ledger fork-exit 800 0
ledger daemon 200 0
ledger logger 100 0
ledger bad-values 100 0
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
