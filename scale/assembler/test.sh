#!/bin/sh
# Builds the ARC assembler and plays its tests without a broker: the vectors that the local collector plays too, copies,
# late events, bounds, what is no event, a change of hands. Then its tables and queries in ClickHouse, in process.
#
#     test.sh
#
# What is built stays below cargo's target folder; Maven keeps what it loads where it always does. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=${CARGO_TARGET_DIR:-$root/target}/assembler
passed=0
failed=0
skipped=0

skip() {
    echo "skipped: $1 ($2)"
    skipped=$((skipped + 1))
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}

# Adds the counts of a closing line, which is said once at the end.
add() {
    # shellcheck disable=SC2046 # three numbers
    set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$1" | tail -n 1)
    passed=$((passed + ${1:-0}))
    failed=$((failed + ${2:-1}))
    skipped=$((skipped + ${3:-0}))
}

unit_tests() {
    for program in javac mvn; do
        command -v "$program" >/dev/null 2>&1 || {
            skip "the assembler" "$program is not found"
            return
        }
    done
    version=$(javac -version 2>&1 | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 17 ] || {
        skip "the assembler" "Java 17 or later is not found"
        return
    }
    mkdir -p "$build"
    rm -rf "$build/surefire-reports"
    set -- -q -B -ntp "-Dmona.build=$build" -Dmaven.test.failure.ignore=true test
    # What was loaded before is enough, and then nothing is asked of the network.
    (cd "$here" && { mvn -o "$@" >"$build/log" 2>&1 ||
        { grep -q 'offline mode' "$build/log" && mvn "$@" >"$build/log" 2>&1; }; }) || {
        if grep -q -e 'Could not transfer' -e 'Unknown host' -e 'resolution is not reattempted' "$build/log"; then
            skip "the assembler" "Maven cannot load what it needs"
            return
        fi
        tail -n 40 "$build/log"
        echo "FAILED: the assembler is not built"
        failed=$((failed + 1))
        return
    }
    python3 "$root/bindings/java/tests/reports.py" "$build/surefire-reports" >"$build/said"
    grep -v ' passed, ' "$build/said"
    add "$build/said"
}

queries() {
    needs=$(cat "$root/scale/clickhouse/tests/requirements.txt")
    # shellcheck disable=SC2086 # a list of packages
    bin=$(sh "$root/tests/venv.sh" clickhouse $needs 2>/dev/null) || {
        skip "tables and queries in ClickHouse" "pip install $needs"
        return
    }
    "$bin/python" "$root/scale/clickhouse/tests/queries.py" >"$build/said" 2>&1 || echo "status $?" >>"$build/said"
    grep -v ' passed, ' "$build/said"
    add "$build/said"
}

cd "$root" || exit 1
mkdir -p "$build"
unit_tests
queries
finish
