#!/bin/sh
# Runs make targets one after the other, all of them whatever fails, and counts their tests.
#
#     run-all.sh TARGET...
#
# Counts come from the closing lines of `cargo test` and from lines like "3 passed, 0 failed, 1 skipped". What cargo
# calls ignored is the slow tests, which a target of their own runs and counts.
set -u

log=$(mktemp)
trap 'rm -f "$log"' EXIT
broken=

for target in "$@"; do
    printf '\n== %s\n' "$target"
    started=$(date +%s)
    # The status goes through the log because a pipe has only that of its last command.
    { ${MAKE:-make} --no-print-directory "$target" 2>&1 || echo "target failed: $target"; } | tee -a "$log"
    if grep -q "^target failed: $target\$" "$log"; then
        broken="$broken $target"
    fi
    echo "== $target took $(($(date +%s) - started)) s"
done

counts=$(awk '
    /^test result:/ {
        for (i = 1; i < NF; i++) {
            if ($(i + 1) == "passed;") passed += $i
            if ($(i + 1) == "failed;") failed += $i
        }
    }
    /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
        passed += $1; failed += $3; if (NF > 4) skipped += $5
    }
    END { printf "%d %d %d", passed, failed, skipped }
' "$log")
# shellcheck disable=SC2086 # three numbers
set -- $counts
failed=$2
if [ -n "$broken" ]; then
    printf '\nFailed:%s\n' "$broken"
    # A target that broke before it counted anything is a failure too.
    [ "$failed" -gt 0 ] || failed=1
fi
echo
echo "$1 passed, $failed failed, $3 skipped"
[ "$failed" = 0 ]
