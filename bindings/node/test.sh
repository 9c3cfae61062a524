#!/bin/sh
# Packs the package, installs it from its tarballs as npm does without scripts and network, and tests it there.
#
#     test.sh
#
# Everything is below cargo's target folder or in a scratch folder. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../harness/setup.sh"

[ "$(uname -s)" = Linux ] || skip_all "the addon is built for Linux"
for program in node npm python3 cc; do
    command -v "$program" >/dev/null 2>&1 || skip_all "$program is not found"
done
node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' ||
    skip_all "node $(node --version) is older than 18"
headers=${NODE_INCLUDE:-$(dirname "$(dirname "$(node -p process.execPath)")")/include/node}
[ -f "$headers/node_api.h" ] || skip_all "node_api.h is not in $headers"

app=$MONA_SCRATCH/app
npm_quietly="npm install --ignore-scripts --offline --no-audit --no-fund --loglevel=error --cache $MONA_SCRATCH/npm"
# No notice of a newer npm, which would ask the network.
export NO_UPDATE_NOTIFIER=1 npm_config_update_notifier=false

check "generated files" python3 "$here/generate.py" --check

if ! sh "$here/packaging/pack.sh" "$MONA_SCRATCH/pack" >"$MONA_SCRATCH/log" 2>&1; then
    cat "$MONA_SCRATCH/log"
    fail_all "the package is not built"
fi
mkdir -p "$app"
echo '{ "private": true }' >"$app/package.json"
cp -R "$here/tests" "$here/examples" "$app"
install_it() {
    # shellcheck disable=SC2086 # a command with its arguments
    (cd "$app" && $npm_quietly "$MONA_SCRATCH"/pack/*.tgz)
}
check "npm install without scripts and without a network" install_it
check "the library of the package is used" sh "$here/tests/bundled.sh" "$app"

counted "tests" node --test --test-reporter="$app/tests/reporter.mjs" "$app"/tests/*.test.js

# A compiler of types for the tests; kept for the next run.
typescript=$target/languages/typescript
if [ ! -f "$typescript/node_modules/typescript/bin/tsc" ]; then
    mkdir -p "$typescript"
    echo '{ "private": true }' >"$typescript/package.json"
    (cd "$typescript" && npm install --ignore-scripts --no-audit --no-fund typescript@5.9.3 >/dev/null 2>&1)
fi
if [ -f "$typescript/node_modules/typescript/bin/tsc" ]; then
    check "types" node "$typescript/node_modules/typescript/bin/tsc" -p "$app/tests/types"
else
    skip "types" "npm install typescript@5.9.3"
fi

for example in quickstart batch workers; do
    check "example $example" sh "$here/../harness/example.sh" "$example" node "$app/examples/$example.mjs"
done
check "example quickstart, no collector" sh "$here/../harness/unreached.sh" node "$app/examples/quickstart.mjs"
check "README" sh "$here/../harness/example.sh" "$here/tests/readme.json" sh "$here/tests/readme.sh" "$app"
counted "ends" sh "$here/tests/ends.sh" "$app"
counted "scenarios" python3 "$here/../harness/scenarios.py" --cannot "$here/tests/cannot.json" -- \
    node "$app/tests/player.js"

finish
