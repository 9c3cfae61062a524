#!/bin/sh
# Runs the suites of language packages side by side and shows what each said when it ends, whole.
#
#     languages.sh LANGUAGE...
#
# libmona and the collector are built once before, unless MONA_LIBRARY_PREFIX names an installed one. Each suite ends in
# a line "N passed, N failed, N skipped", which run-all.sh counts; one without it has failed.
set -u

# Most of a suite is waiting: for a collector, for a config file to be read again.
at_once=3

if [ "${1:-}" = --one ]; then
    language=$2
    closing='^[0-9]* passed, [0-9]* failed, [0-9]* skipped$'
    said=$MONA_SCRATCH/$language
    started=$(date +%s)
    status=0
    sh "bindings/$language/test.sh" >"$said" 2>&1 || status=$?
    last=$(grep "$closing" "$said" | tail -n 1)
    # Whoever ends in the same moment waits with what it has to show.
    until mkdir "$MONA_SCRATCH/showing" 2>/dev/null; do
        sleep 0.1
    done
    printf '\n== %s\n' "$language"
    # Of several such lines the last one has the sum.
    grep -v "$closing" "$said"
    case $last in
    '') last='0 passed, 0 failed, 0 skipped' broken="status $status and no closing line" ;;
    *' 0 failed, '*) broken="status $status" ;;
    *) broken= ;;
    esac
    if [ -n "$broken" ] && [ "$broken" != "status 0" ]; then
        echo "FAILED: $language ended with $broken"
        last=$(echo "$last" | sed 's/ 0 failed/ 1 failed/')
    fi
    echo "== $language took $(($(date +%s) - started)) s"
    echo "$last"
    rmdir "$MONA_SCRATCH/showing"
    case $last in
    *' 0 failed, '*) exit 0 ;;
    esac
    exit 1
fi

cd "$(dirname -- "$0")/.." || exit 1
. bindings/harness/setup.sh
# For the suites: nothing is left to build.
export MONA_LIBRARY_PREFIX="$MONA_PREFIX"
status=0
printf '%s\n' "$@" | xargs -n 1 -P "$at_once" sh tests/languages.sh --one || status=1
exit $status
