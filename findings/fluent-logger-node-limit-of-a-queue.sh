#!/bin/sh
# @fluent-org/logger 1.0.10 (Forward client for Node), one event more than sendQueueMaxLimit allows.
#
# "sendQueueMaxLimit: {length: 100}" says where the client starts dropping events while it cannot send; the comment on it
# calls it useful with all modes. In the mode "Message" the 101st event costs the oldest one, and 100 arrive. In the modes that
# send batches, of which "PackedForward" is the default, what is dropped is the batch at the front, and all events of a tag are
# one batch: with one tag all 101 are gone, the new one with them, and the server gets nothing; with two tags 50 are left. Each
# lost event's promise is rejected.
#
# Needs Node 20 or later with npm. Everything is made in a temporary folder. Prints what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --cache "$work/cache" @fluent-org/logger@1.0.10 @msgpack/msgpack@2.8.0
cat >finding.js <<'JAVASCRIPT'
const { once } = require("node:events");
const net = require("node:net");
const { FluentClient } = require("@fluent-org/logger");
const { decodeMulti } = require("@msgpack/msgpack");

// eventsIn counts what a server got: messages are [tag, time, record], batches [tag, entries], packed or not.
function eventsIn(bytes, mode) {
  let count = 0;
  for (const [, entries] of decodeMulti(bytes)) {
    if (mode === "Message") count += 1;
    else if (mode === "Forward") count += entries.length;
    else count += [...decodeMulti(entries)].length;
  }
  return count;
}

async function see(eventMode, events, tags) {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const received = once(server, "connection").then(async ([socket]) => {
    const parts = [];
    for await (const part of socket) parts.push(part);
    return Buffer.concat(parts);
  });
  const client = new FluentClient("app", {
    eventMode,
    disableAutoconnect: true,
    socket: { host: "127.0.0.1", port: server.address().port },
    sendQueueMaxLimit: { length: 100 },
  });
  const promises = [];
  for (let n = 0; n < events; n += 1) promises.push(client.emit(`tag${n % tags}`, { n }));
  const queued = client.sendQueueLength;
  const settled = Promise.allSettled(promises);
  await client.connect();
  const rejected = (await settled).filter(({ status }) => status === "rejected").length;
  await client.shutdown();
  const arrived = eventsIn(await received, eventMode);
  server.close();
  console.log(`${eventMode}, ${events} events, tags: ${tags}: ${queued} queued, ${rejected} rejected, ${arrived} arrived`);
}

(async () => {
  for (const mode of ["Message", "Forward", "PackedForward"]) {
    await see(mode, 100, 1);
    await see(mode, 101, 1);
    await see(mode, 101, 2);
  }
})();
JAVASCRIPT
node finding.js >seen
cat seen
cat >expected <<'SEEN'
Message, 100 events, tags: 1: 100 queued, 0 rejected, 100 arrived
Message, 101 events, tags: 1: 100 queued, 1 rejected, 100 arrived
Message, 101 events, tags: 2: 100 queued, 1 rejected, 100 arrived
Forward, 100 events, tags: 1: 100 queued, 0 rejected, 100 arrived
Forward, 101 events, tags: 1: 0 queued, 101 rejected, 0 arrived
Forward, 101 events, tags: 2: 50 queued, 51 rejected, 50 arrived
PackedForward, 100 events, tags: 1: 100 queued, 0 rejected, 100 arrived
PackedForward, 101 events, tags: 1: 0 queued, 101 rejected, 0 arrived
PackedForward, 101 events, tags: 2: 50 queued, 51 rejected, 50 arrived
SEEN
diff expected seen
