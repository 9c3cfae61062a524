#!/bin/sh
# Measures the PHP package; a result is a line LANGUAGE<TAB>what<TAB>number<TAB>unit.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=../../harness/setup.sh
. "$here/../../harness/setup.sh"

command -v php >/dev/null 2>&1 || skip_all "php is not found"

php "$here/calls.php"

# burst NAME [VARIABLE=VALUE]
burst() {
    what=$1
    shift
    env "$@" python3 "$here/../../harness/ledger.py" -- php "$here/burst.php" \
        >"$MONA_SCRATCH/ledger" 2>"$MONA_SCRATCH/said" || { cat "$MONA_SCRATCH/said" >&2; return 1; }
    arrived=$(sed -n 's/.*"unique": \([0-9]*\).*/\1/p' "$MONA_SCRATCH/ledger")
    took=$(sed -n 's/^took //p' "$MONA_SCRATCH/said")
    printf 'php\t%s, caller\t%s\tns\n' "$what" "$took"
    printf 'php\t%s, lost\t%s\tevents\n' "$what" "$((200000 - arrived))"
}
burst "burst of 200000, default settings" LC_ALL=C
burst "burst of 200000, queue_bytes=128 MiB queue_size=300000" MONA_QUEUE_BYTES=134217728 MONA_QUEUE_SIZE=300000
