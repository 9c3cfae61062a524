#!/bin/sh
# Runs `go test -v` with these arguments, shows what failed, and counts.
out=$MONA_SCRATCH/go-test
status=0
go test -v "$@" >"$out" 2>&1 || status=$?
passed=$(grep -c '^--- PASS' "$out")
failed=$(grep -c '^--- FAIL' "$out")
skipped=$(grep -c '^--- SKIP' "$out")
if [ "$status" != 0 ]; then
    cat "$out"
    [ "$failed" != 0 ] || failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$status" = 0 ]
