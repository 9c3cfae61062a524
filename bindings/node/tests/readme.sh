#!/bin/sh
# Runs every program of README.md, one after the other:
#
#     readme.sh APP
#
# Blocks of `js` are programs, CommonJS where they say require. What they export is in readme.json.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
app=$1
mkdir -p "$app/readme"
awk -v folder="$app/readme" '
    /^```js$/ { number++; file = folder "/" number ".txt"; next }
    /^```/ { file = "" }
    file { print >file }
' "$here/../README.md"
for block in "$app"/readme/*.txt; do
    program=${block%.txt}.mjs
    ! grep -q 'require(' "$block" || program=${block%.txt}.cjs
    mv "$block" "$program"
    echo "README: $(basename "$program")"
    node "$program"
done
