#!/bin/sh
# Counts what arrives of processes that end in different ways.
#
#     ledgers.sh RUBY...
#
# Sourced setup.sh before: MONA_COLLECTOR and MONA_LIBRARY are set. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec sh "$here/../../harness/ledgers.sh" "$@" "$here/ends.rb" <<'ENDS'
return 100 0
exit 100 3
exception 100 1
abort 100 1
term 100 SIGTERM
exit-bang 100 0
exec 100 0
own-client 100 0
at-exit 100 0
threads 800 0
forks 801 0
fork-inside 800 0
fork-exit 800 0
daemon 200 0
logger 100 0
bad-values 100 0
ENDS
