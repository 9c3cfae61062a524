#!/bin/sh
# The library on other systems than this one: its headers, musl, macOS and Windows, and with `long` also 64-bit ARM and
# the library as it is shipped. docs/platforms.md says what is known of each.
#
#     systems.sh [long]
#
# Ends with counts. What is not there to build or run something is named, and that left out.
set -u

cd "$(dirname "$0")/.." || exit 1
parts='header musl macos windows'
[ "${1:-}" != long ] || parts="$parts arm"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
passed=0
failed=0
skipped=0
for part in $parts; do
    echo "-- $part"
    started=$(date +%s)
    sh "tests/systems/$part.sh" "$@" >"$said" 2>&1
    status=$?
    # The counts of a part are no counts of the whole.
    sed '$d' "$said"
    # shellcheck disable=SC2046 # the words of a line
    set -- "${1:-}" $(tail -n 1 "$said" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
    if [ $# != 4 ]; then
        tail -n 1 "$said"
        echo "FAILED: $part ended with $status before it counted"
        failed=$((failed + 1))
    else
        passed=$((passed + $2))
        failed=$((failed + $3))
        skipped=$((skipped + $4))
    fi
    set -- "$1"
    [ -n "$1" ] || shift
    echo "-- $part took $(($(date +%s) - started)) s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
