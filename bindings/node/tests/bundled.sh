#!/bin/sh
# Whether the addon takes the libmona of its own package, whatever LD_LIBRARY_PATH says:
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
