#!/bin/sh
# Counts what arrives of processes that end in different ways.
#
#     ledgers.sh COMMAND...
#
# COMMAND is Ends.exe with its runtime. Sourced setup.sh before: MONA_COLLECTOR is set. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# A runtime that ends by a crash leaves its report where it is.
cd "$MONA_SCRATCH" || exit 1
passed=0
failed=0

ledger() { # NAME EVENTS STATUS
    # shellcheck disable=SC2086 # a command and its argument
    if python3 "$here/../../harness/ledger.py" --expect "$2" --status "$3" -- $command "$1" >"$MONA_SCRATCH/ledger" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAILED: end $1"
        sed 's/^/  /' "$MONA_SCRATCH/ledger"
        failed=$((failed + 1))
    fi
}

command=$*
ledger return 100 0
ledger exit 100 3
ledger exit-in-thread 100 0
# Mono says 1 here, .NET SIGABRT.
ledger exception 100 any
ledger fail-fast 100 any
ledger own-client 100 0
ledger own-client-disposed 100 0
ledger background-threads 800 0
ledger tasks 800 0
ledger log 100 0
ledger bad-values 100 0
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
