#!/bin/sh
# Measures the package for C# on this machine's Mono, and on .NET: LANG, what, number and unit, separated by tabs.
#
#     run.sh
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../../harness/setup.sh
. "$here/../../harness/setup.sh"

command -v mcs >/dev/null 2>&1 || skip_all "mcs is not found"
sh "$here/../build.sh" "$MONA_SCRATCH"
sh "$here/../build.sh" "$MONA_SCRATCH" Calls "$here/Calls.cs"
mono -O=all "$MONA_SCRATCH/Calls.exe"
# shellcheck source=SCRIPTDIR/../dotnet.sh
. "$here/../dotnet.sh"
if [ -n "$dotnet" ]; then
    dotnet_settings "$MONA_SCRATCH" Calls
    "$dotnet" "$MONA_SCRATCH/Calls.exe" | sed 's/^csharp	/csharp	.NET: /'
fi
burst() {
    python3 "$here/../../harness/ledger.py" --status any -- mono "$MONA_SCRATCH/Calls.exe" "$@" 2>&1 | grep '^csharp'
}
burst "default settings"
# Room for all of it: some 200 bytes for an event.
burst "queue_bytes=67108864 queue_size=300000" queue_bytes=67108864 queue_size=300000
