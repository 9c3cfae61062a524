#!/bin/sh
# Makes the tarballs that npm publishes, or installs from here: the package, and that of this platform.
#
#     pack.sh FOLDER
#
# Prints their paths. libmona comes from MONA_PREFIX or pkg-config, as build.sh says. Nothing in them runs when they are
# installed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
mkdir -p "$1"
out=$(CDPATH='' cd -- "$1" && pwd)
stage=$out/stage
rm -rf "$stage" "$out"/monalabs-mona-*.tgz
mkdir -p "$stage/main" "$stage/platform"

sh "$here/build.sh" "$stage/platform"
node "$here/platform.js" "$here/../package.json" >"$stage/platform/package.json"
cp "$here/platform.md" "$stage/platform/README.md"

cp -R "$here/../package.json" "$here/../README.md" "$here/../lib" "$here"/../index.* "$here/../generated.d.ts" "$stage/main"
for folder in main platform; do
    cp "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$root/THIRD-PARTY.txt" "$stage/$folder"
    (cd "$out" && npm pack --silent --ignore-scripts "./stage/$folder" >/dev/null)
done
rm -rf "$stage"
ls "$out"/monalabs-mona-*.tgz
