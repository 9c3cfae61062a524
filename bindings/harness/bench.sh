#!/bin/sh
# Measures the packages one after the other and prints all figures in one table.
#
#     bench.sh LANGUAGE...
#
# bench/run.sh of a package prints "LANGUAGE<TAB>what<TAB>number<TAB>unit" for each figure; the rest of what it says
# goes to standard error. Best on a machine that does nothing else: the load is said below the table.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/setup.sh"
export MONA_LIBRARY_PREFIX="$MONA_PREFIX"

figures=$MONA_SCRATCH/figures
: >"$figures"
for language in "$@"; do
    printf '== %s\n' "$language" >&2
    status=0
    sh "$root/bindings/$language/bench/run.sh" >"$MONA_SCRATCH/said" || status=$?
    awk -F '\t' 'NF != 4' "$MONA_SCRATCH/said" >&2
    awk -F '\t' 'NF == 4' "$MONA_SCRATCH/said" >>"$figures"
    check "$language" test "$status" = 0 >&2
done
echo '| language | what | | |'
echo '|---|---|--:|---|'
awk -F '\t' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$figures"
echo
uname -srm
uptime | sed 's/.*load average/load average/'
[ "$failed" = 0 ]
