#!/bin/sh
# Counts what arrives of processes that end in different ways.
#
#     ledgers.sh COMMAND...
#
# COMMAND is Ends.exe with its runtime. Sourced setup.sh before: MONA_COLLECTOR is set. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# A runtime that ends by a crash leaves its report where it is.
cd "$MONA_SCRATCH" || exit 1
exec sh "$here/../../harness/ledgers.sh" "$@" <<'ENDS'
return 100 0
exit 100 3
exit-in-thread 100 0
# Mono says 1 here, .NET SIGABRT.
exception 100 any
fail-fast 100 any
own-client 100 0
own-client-disposed 100 0
background-threads 800 0
tasks 800 0
log 100 0
bad-values 100 0
ENDS
