#!/bin/sh
# Runs make targets one after the other, all of them whatever fails, and counts their tests.
#
#     run-all.sh TARGET...
#
# Counts come from the closing lines of `cargo test` and from lines like "3 passed, 0 failed, 1 skipped". What cargo
# calls ignored is the slow tests, which a target of their own runs and counts. What failed is said once more at the end.
set -u

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
broken=

# What a broken target said of its failures: a screen or two of thousands of lines.
excerpt() {
    grep -hE -A 12 '^FAILED|^E  +|^FAIL|^--- FAIL|^not ok|panicked at|^error' "$1" | grep -v '^--$' | cut -c 1-400 | head -n 80
}

for target in "$@"; do
    printf '\n== %s\n' "$target"
    started=$(date +%s)
    # The status goes through the log because a pipe has only that of its last command.
    { ${MAKE:-make} --no-print-directory "$target" 2>&1 || echo "target failed: $target"; } | tee "$logs/$target"
    if grep -q "^target failed: $target\$" "$logs/$target"; then
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
' "$logs"/*)
# shellcheck disable=SC2086 # three numbers
set -- $counts
failed=$2
if [ -n "$broken" ]; then
    for target in $broken; do
        printf '\n== %s failed:\n' "$target"
        excerpt "$logs/$target"
    done
    printf '\nFailed:%s\n' "$broken"
    # A target that broke before it counted anything is a failure too.
    [ "$failed" -gt 0 ] || failed=1
fi
echo
echo "$1 passed, $failed failed, $3 skipped"
[ "$failed" = 0 ]
