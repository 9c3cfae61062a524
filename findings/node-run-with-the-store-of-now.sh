#!/bin/sh
# Node 20 (seen with 20.20.2), AsyncLocalStorage.run() with the store that is current already.
#
# run(store, callback) keeps what the callback does to the store inside: after it the store of before is current again, also
# when the callback called enterWith(). Not so when the given store is the very one that is current: run() then takes a
# shortcut and restores nothing, and what enterWith() set stays for the caller and for all that it starts afterwards. No store
# is one too: run(undefined, callback) of a fresh storage leaks, run(null, callback) does not. An equal text or number is the
# same store, an equal object is not. The manual says of run() only that its store cannot be reached from outside.
#
# Needs Node 20 on the machine; is skipped without. Makes a temporary folder. Prints what it saw; fails when that changes.
set -eu

found=$(node --version 2>/dev/null) || found=none
case $found in
v20.*) ;;
*) echo "skipped: needs Node 20, found: $found" && exit 0 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >finding.js <<'JAVASCRIPT'
const { AsyncLocalStorage } = require("node:async_hooks");

async function see(name, given, before) {
  const storage = new AsyncLocalStorage();
  if (before !== undefined) storage.enterWith(before);
  storage.run(given, () => storage.enterWith("set inside"));
  const later = new Promise((resolve) => setTimeout(() => resolve(storage.getStore()), 1));
  const after = JSON.stringify(storage.getStore());
  console.log(`${name}: ${after}, in a timer ${JSON.stringify(await later)}`);
}

(async () => {
  const request = { id: 1 };
  await see("another text", "b", "a");
  await see("the same text", "a", "a");
  await see("an equal object", { id: 1 }, request);
  await see("the same object", request, request);
  await see("none, null", null);
  await see("none, undefined", undefined);
})();
JAVASCRIPT
node finding.js >seen
cat seen
cat >expected <<'SEEN'
another text: "a", in a timer "a"
the same text: "set inside", in a timer "set inside"
an equal object: {"id":1}, in a timer {"id":1}
the same object: "set inside", in a timer "set inside"
none, null: undefined, in a timer undefined
none, undefined: "set inside", in a timer "set inside"
SEEN
diff expected seen
