#!/bin/sh
# Whether the addon takes the libmona of its own package, whatever LD_LIBRARY_PATH says, and what is said with a broken
# one and without:
#
#     bundled.sh APP
set -eu

cd "$1"
node -e '
require("@monalabs/mona");
const lines = require("fs").readFileSync("/proc/self/maps", "utf8").split("\n");
const used = new Set(lines.filter((line) => /libmona/.test(line)).map((line) => line.replace(/^.* \//, "/")));
const inside = [...used].every((path) => path.includes("node_modules/@monalabs/mona-"));
if (used.size !== 1 || !inside) throw new Error([...used].join(" "));
'

broken=$MONA_SCRATCH/broken
mkdir -p "$broken"
cp -R node_modules "$broken"
for addon in "$broken"/node_modules/@monalabs/mona-*/mona.node; do
    echo "no addon" >"$addon"
done
node -e '
try {
  require(process.argv[1]);
} catch (error) {
  if (/^libmona of @monalabs\/mona-linux-\w+-\w+ cannot be loaded: .*mona.node/.test(error.message)) process.exit(0);
  throw error;
}
throw new Error("it was loaded");
' "$broken/node_modules/@monalabs/mona"

alone=$MONA_SCRATCH/alone
mkdir -p "$alone"
cp -R node_modules/@monalabs/mona "$alone"
node -e '
try {
  require(process.argv[1]);
} catch (error) {
  if (/the package @monalabs\/mona-linux-\w+-\w+@[0-9.]+ is expected beside/.test(error.message)) process.exit(0);
  throw error;
}
throw new Error("it was loaded");
' "$alone/mona"
