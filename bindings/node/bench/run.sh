#!/bin/sh
# Measures the package, beside koffi and @fluent-org/logger, which npm installs below cargo's target folder.
#
#     run.sh
#
# Prints "node<TAB>what<TAB>number<TAB>unit" for each figure. Best on a machine that does nothing else.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../../harness/setup.sh"

app=$target/languages/node-bench
mkdir -p "$app"
cp "$here/package.json" "$here"/*.js "$app"
sh "$here/../packaging/pack.sh" "$MONA_SCRATCH/pack" >&2
# The tarballs have the same version each time; --no-save leaves package.json as it is.
(
    cd "$app"
    npm install --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    npm install --ignore-scripts --no-audit --no-fund --loglevel=error --no-save "$MONA_SCRATCH"/pack/*.tgz >&2
)
uptime >&2
node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 "$app/calls.js"
for subject in mona mona-sized fluent fluent-ack mona-sized-exit fluent-exit; do
    node "$app/burst.js" "$subject"
done
