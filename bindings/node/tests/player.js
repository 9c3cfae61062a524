'use strict';
// Plays one conformance scenario through the package and prints what it gave as JSON:
//
//     player.js SCENARIOS.json ID
//
// A thread of the scenario is a task here: its context is carried by AsyncLocalStorage. Nothing is judged.

const fs = require('node:fs');
const mona = require('@monalabs/mona');
const Float = mona.float(0).constructor;
const { read } = require('./read.js');

// The rule is 3 s; the rest is for a loaded machine.
const RELOAD_MS = 20_000;
const { STATUS } = mona;
// What the recorded client raises; other statuses are an answer there.
const LOST = [STATUS.DROPPED, STATUS.TIMEOUT, STATUS.CLOSED, STATUS.IO];

// What JSON cannot say, each as JavaScript has such a thing.
const ODD = {
  set: () => new Set([1]),
  bytes: () => Buffer.from('x'),
  datetime: () => Object.assign(() => {}, { toString: () => '2020-01-01 00:00:00' }),
  object: () => Symbol('object'),
  complex: () => Object.assign(() => {}, { toString: () => '1j' }),
  decimal: () => 10n ** 30n,
  mapping: () => new WeakMap(),
};

const SPECIAL = {
  $float: Number,
  $int: BigInt,
  $utf16: (units) => String.fromCharCode(...units),
  $nest: ({ kind, depth, leaf }) => {
    let inner = value(leaf);
    for (let level = 0; level < depth; level++) inner = kind === 'list' ? [inner] : { k: inner };
    return inner;
  },
  $repeat: ({ s, n }) => s.repeat(n),
  $json_text: (text) => read(text.replace(/\b(NaN|-?Infinity)\b/g, 'null')),
  $map: (pairs) => new Map(pairs.map(([key, inner]) => [key, value(inner)])),
  $nonjson: (kind) => ODD[kind](),
};

function value(given) {
  if (Array.isArray(given)) return given.map(value);
  if (given === null || typeof given !== 'object' || given.constructor === Float) return given;
  const entries = Object.entries(given);
  if (entries.length === 1 && SPECIAL[entries[0][0]]) return SPECIAL[entries[0][0]](entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, value(inner)]));
}

// A task that does what it is told, one thing at a time, in one context.
class Task {
  constructor(inherits, parentId) {
    this.jobs = [];
    this.wake = () => {};
    this.done = mona.outside(() => this.loop(inherits, parentId));
  }

  async loop(inherits, parentId) {
    const leave = inherits ? mona.enter(null, { id: parentId }) : () => {};
    for (;;) {
      while (this.jobs.length > 0) {
        const job = this.jobs.shift();
        if (job === null) return leave();
        await job();
      }
      await new Promise((resolve) => (this.wake = resolve));
    }
  }

  do(job) {
    return new Promise((resolve, reject) => {
      this.jobs.push(() => Promise.resolve(job()).then(resolve, reject));
      this.wake();
    });
  }

  async end() {
    this.jobs.push(null);
    this.wake();
    await this.done;
  }
}

const tasks = new Map();
const leaves = new Map();
let hasClient = false;

const stats = () => (hasClient ? mona.stats() : {});
const accepted = () => stats().accepted ?? 0;

// What an answer is where the recorded client raises nothing.
function forgiving(call, otherwise) {
  try {
    return call();
  } catch (error) {
    if (error instanceof mona.MonaError && !LOST.includes(error.status)) return otherwise?.();
    throw error;
  }
}

const subId = (call) => {
  const before = mona.id();
  forgiving(call);
  return mona.id().slice(before.length + 1);
};

const OPS = {
  init_client({ params }) {
    mona.init(params);
    hasClient = true;
  },
  init(op) {
    forgiving(() =>
      mona.open(value(op.arc_class), { id: value(op.context_id), timestamp: value(op.export_timestamp) }),
    );
    return mona.id();
  },
  init_sub_context: (op) => subId(() => mona.openSub(value(op.arc_class), { id: value(op.sub_context_id) })),
  close_sub_context(op) {
    forgiving(() => mona.closeSub(value(op.sub_context_id) || null));
    return mona.id();
  },
  get_full_context_id: () => mona.id(),
  reset: () => void mona.reset(),
  new_context_enter(op) {
    leaves.set(op.handle, () => {});
    const options = { id: value(op.context_id), timestamp: value(op.export_timestamp) };
    leaves.set(op.handle, mona.enter(value(op.arc_class), options));
    return mona.id();
  },
  new_sub_context_enter: (op) =>
    subId(() => {
      leaves.set(op.handle, () => {});
      leaves.set(op.handle, mona.enterSub(value(op.arc_class), { id: value(op.sub_context_id) }));
    }),
  new_context_exit(op) {
    leaves.get(op.handle)();
    return false;
  },
  new_sub_context_exit: (op) => OPS.new_context_exit(op),
  export: (op) => forgiving(() => mona.export(value(op.message), value(op.export_timestamp))) || null,
  export_batch(op) {
    mona.exportBatch(value(op.events));
    return null;
  },
  set_global_init_message: (op) => void forgiving(() => mona.setGlobals(value(op.message))),
  set_disabled: (op) => void mona.setDisabled(op.disabled),
  close: () => void mona.closeSync(),
  thread_start(op) {
    const id = mona.id();
    tasks.set(op.new, new Task(op.kind === 'inherit', id));
    return null;
  },
  async thread_join(op) {
    await tasks.get(op.target).end();
    tasks.delete(op.target);
    return null;
  },
  async write_config(op) {
    const path = process.env.MONA_CLIENT_CONFIG_FILE;
    const before = stats().config_reloads;
    if (op.delete) {
      fs.rmSync(path);
    } else {
      const target = op.rename ? `${path}.fresh` : path;
      fs.writeFileSync(target, op.content);
      if (op.rename) fs.renameSync(target, path);
    }
    const end = Date.now() + (op.wait === false ? 0 : RELOAD_MS);
    while (stats().config_reloads === before && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  },
};

const MAKES_CLIENT = new Set(['init', 'new_context_enter', 'export', 'export_batch', 'set_global_init_message']);

async function perform(op) {
  const before = accepted();
  const outcome = async () => {
    try {
      return { ok: (await OPS[op.op](op)) ?? null };
    } catch (error) {
      return { err: error.code ?? error.name, detail: error.message };
    }
  };
  const seen = await tasks.get(op.thread ?? 'main').do(outcome);
  // Asking for the counters would make the client that an operation makes when it needs one.
  hasClient ||= MAKES_CLIENT.has(op.op);
  seen.emits = accepted() - before;
  return seen;
}

async function main([path, id]) {
  const scenario = read(fs.readFileSync(path, 'utf8')).scenarios.find((one) => one.id === id);
  const started = Math.floor(Date.now() / 1000);
  mona.raiseErrors(true);
  tasks.set('main', new Task(false));
  const results = [];
  for (const op of scenario.ops) results.push(await perform(op));
  for (const [name, task] of tasks) if (name !== 'main') await task.end();
  const records = [];
  if (hasClient) {
    mona.raiseErrors(false);
    mona.flushSync(30_000);
    for (let record = mona.takeText(); record !== null; record = mona.takeText()) records.push(record);
  }
  const seen = { implementation: `node ${process.version}`, results, records, stats: stats(), started };
  console.log(JSON.stringify({ ...seen, ended: Math.floor(Date.now() / 1000) }));
}

main(process.argv.slice(2));
