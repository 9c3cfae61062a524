'use strict';
// What one export costs its caller, turn by turn with an empty foreign call of the same kind. Endpoint null:.
//
//     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 calls.js

const koffi = require('koffi');
const path = require('node:path');
const mona = require('@monalabs/mona');
const { cpuTime } = require('./clock.js');

const platform = path.dirname(require.resolve(`@monalabs/mona-${process.platform}-${process.arch}-gnu`));
const native = require(platform);
const ROUNDS = 11;
const CALLS = 200_000;

mona.init({ endpoint: 'null:' });

// The same through koffi, on contexts of its own.
const library = koffi.load(path.join(platform, 'libmona.so.0'));
const koffiEmpty = library.func('uint32_t mona_abi_version()');
const koffiDefault = library.func('void *mona_client_default()');
const koffiNew = library.func(
  'int mona_context_new(void *client, const char *name, size_t name_len, const char *id, size_t id_len, double time, ' +
    '_Out_ void **context)',
);
const koffiExport = library.func(
  'int mona_context_export(void *context, const char *json, size_t json_len, double time)',
);
const place = [null];
if (koffiNew(koffiDefault(), 'bench', 5, null, 0, 0, place) !== 0) throw new Error('no context for koffi');
const [handle] = place;

const event = (n) => ({
  model: 'resnet50-v3',
  confidence: 0.9 + (n & 1023) * 1e-5,
  latency_ms: 12.5 + (n & 63),
  label: 'cat',
  batch: 32,
  country: 'IL',
  is_mobile: true,
});

const withList = (n) => ({
  model: 'resnet50-v3',
  confidence: 0.9 + (n & 1023) * 1e-5,
  latency_ms: 12.5 + (n & 63),
  label: 'cat',
  batch: 32,
  country: 'IL',
  scores: [0.1, 0.2, 0.7],
});

let sink;
const CASES = {
  'empty call, Node-API': () => native.ending(),
  'empty call, koffi': () => koffiEmpty(),
  'the event alone': (n) => {
    sink = event(n);
  },
  'JSON.stringify alone': (n) => {
    sink = JSON.stringify(event(n));
  },
  'export, AsyncLocalStorage': (n) => mona.export(event(n)),
  'context.export': (n, run) => run.export(event(n)),
  'export with a list of 3 in it': (n) => mona.export(withList(n)),
  'JSON.stringify and koffi': (n) => {
    const text = JSON.stringify(event(n));
    koffiExport(handle, text, Buffer.byteLength(text), 0);
  },
  'JSON.stringify and Node-API': (n) => native.sendJson(JSON.stringify(event(n))),
  'export while disabled': (n) => mona.export(event(n)),
  'context with an empty block': () => mona.context('bench', { id: 'x' }, () => {}),
};

// More turns of what takes little, fewer of what only lets go of memory between turns of the loop.
const WEIGHTS = {
  'empty call, Node-API': 5,
  'empty call, koffi': 5,
  'the event alone': 5,
  'context with an empty block': 0.2,
};

function time(call, run, calls) {
  const begin = cpuTime();
  for (let n = 0; n < calls; n++) call(n, run);
  return (cpuTime() - begin) / calls;
}

// The heap that a call takes, as long as nothing is collected meanwhile.
function bytes(call, run) {
  const calls = 20_000;
  global.gc();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < calls; n++) call(n, run);
  return Math.max(0, Math.round((process.memoryUsage().heapUsed - before) / calls));
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

async function main() {
  const run = mona.current();
  const figures = new Map(Object.keys(CASES).map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, call] of Object.entries(CASES)) {
      const isDisabled = name.includes('disabled');
      if (isDisabled) mona.setDisabled(true);
      const ns = time(call, run, CALLS * (WEIGHTS[name] ?? 1));
      if (isDisabled) mona.setDisabled(false);
      if (round >= 0) figures.get(name).push(ns);
      await turn();
    }
  }
  for (const [name, list] of figures) console.log(`node\t${name}\t${median(list).toFixed(0)}\tns`);
  for (const name of ['the event alone', 'export, AsyncLocalStorage', 'JSON.stringify and koffi']) {
    console.log(`node\t${name}\t${bytes(CASES[name], run)}\tbytes of heap`);
  }
  if (sink === undefined) throw new Error('nothing was measured');
}

mona.context('bench', main);
