#!/bin/sh
# That what the suites share finds what is wrong; with the Python packages, whose fallback needs no compiler.
#
#     test.sh
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/setup.sh"
command -v python3 >/dev/null 2>&1 || skip_all "python3 is not found"
export MONA_PYTHON=fallback PYTHONPATH="$root/bindings/python/src" PYTHONDONTWRITEBYTECODE=1

# What it says would be counted with what is said here.
quietly() {
    "$@" >"$MONA_SCRATCH/said" 2>&1 || {
        status=$?
        cat "$MONA_SCRATCH/said" >&2
        return "$status"
    }
}

# Fails, and says this.
fails_with() {
    words=$1
    shift
    if "$@" >"$MONA_SCRATCH/said" 2>&1 || ! grep -q -- "$words" "$MONA_SCRATCH/said"; then
        sed 's/^/  /' "$MONA_SCRATCH/said" >&2
        return 1
    fi
}

scenarios() {
    python3 "$here/scenarios.py" --only lazy-env --only after-close-quiet --only batch-missing "$@"
}
player="python3 $root/bindings/python/tests/dropin/scenario_player.py"
# shellcheck disable=SC2086 # words on purpose
check "a player that is right passes" quietly scenarios -- $player
# Numbers of records that are one too large, and a record that is missing.
check "wrong results are found" fails_with "records are expected, got" scenarios -- \
    sh -c "$player \"\$@\" | sed 's/\"emits\": 1/\"emits\": 2/'" player
check "missing records are found" fails_with "records: 0 of 3" scenarios -- \
    sh -c "$player \"\$@\" | sed 's/\"records\": \[.*\], \"stats\"/\"records\": [], \"stats\"/'" player
check "a player that fails is found" fails_with "status 3" scenarios -- sh -c 'exit 3'
check "a player that says nothing is found" fails_with "0 passed, 3 failed" scenarios -- true
echo '{"no-such-scenario": "a reason"}' >"$MONA_SCRATCH/cannot.json"
check "an unknown scenario is found" fails_with "no such scenarios" \
    scenarios --cannot "$MONA_SCRATCH/cannot.json" -- true

ledger() {
    python3 "$here/ledger.py" "$@"
}
batch="$here/tests/batch.py"
check "a ledger that is right passes" quietly ledger --expect 100 -- python3 "$batch"
check "every kind of record can be counted" quietly ledger --expect 200 --kinds all -- python3 "$batch"
check "an event too many is found" fails_with "100 events arrived, 99 are expected" \
    ledger --expect 99 -- python3 "$batch"
check "a status is found" fails_with "the command ended with 3" ledger -- sh -c 'exit 3'
check "a status that is expected passes" quietly ledger --expect 0 --status 3 -- sh -c 'exit 3'
check "the end by a signal is told" quietly ledger --expect 0 --status SIGKILL -- sh -c 'kill -9 $$'

check "an example that is right passes" quietly sh "$here/example.sh" batch python3 "$batch"
check "another example is found" fails_with "promised 1 x" \
    sh "$here/example.sh" "$here/tests/other.json" python3 "$batch"
finish
