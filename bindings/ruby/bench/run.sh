#!/bin/sh
# Measures the package for Ruby on this machine: LANG, what, number and unit, separated by tabs.
#
#     run.sh
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../../harness/setup.sh
. "$here/../../harness/setup.sh"

command -v ruby >/dev/null 2>&1 || skip_all "ruby is not found"
ruby "-I$here/../lib" "$here/calls.rb"
# As of Ruby 3.1 the compiler is off unless asked for.
if ruby --yjit -e '' 2>/dev/null; then
    ruby --yjit "-I$here/../lib" "$here/calls.rb" | sed 's/	export/	YJIT: export/' | grep YJIT
fi
burst() {
    python3 "$here/../../harness/ledger.py" --status any -- ruby "-I$here/../lib" "$here/burst.rb" "$@" 2>&1 | grep '^ruby'
}
burst "default settings"
# Room for all of it: some 200 bytes for an event.
burst "queue_bytes=67108864 queue_size=300000" queue_bytes=67108864 queue_size=300000
