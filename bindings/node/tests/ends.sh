#!/bin/sh
# Every way in which a process or a thread ends, with a collector that counts: nothing is lost that a flush can save.
#
#     ends.sh APP
#
# APP is a folder with the package in it and tests/programs. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
app=$1
passed=0
failed=0

one() {
    if python3 "$here/../../harness/ledger.py" --expect 800 --status "$2" -- node "$app/tests/programs/ends.js" "$1" \
        >"$MONA_SCRATCH/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: end by $1"
        sed 's/^/  /' "$MONA_SCRATCH/said"
    fi
}

for end in return exit exit-in-flush exit-listener close own-return own-exit own-exit-listener workers workers-exit \
    workers-own workers-own-exit workers-terminate workers-own-terminate exit-with-workers cluster fork sigterm; do
    one "$end" 0
done
for end in throw reject own-throw; do
    one "$end" 1
done
one flush-then-kill SIGKILL

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
