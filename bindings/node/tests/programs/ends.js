'use strict';
// Exports 800 events and ends in the way that its argument names; nobody closes or flushes but where the name says it.

const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const cluster = require('node:cluster');
const { fork } = require('node:child_process');
const mona = require('@monalabs/mona');

const ALL = 800;
const PARTS = 8;

function exportAll(count, from = mona) {
  from.context('ends', (run) => {
    for (let n = 0; n < count; n++) if (!run.export({ n })) throw new Error(`event ${n} was not accepted`);
  });
}

const own = () => new mona.Client();
const share = ALL / PARTS;

function workers(what) {
  return Array.from({ length: PARTS }, () => new Worker(__filename, { argv: [what], workerData: what }));
}

const ENDS = {
  return: () => exportAll(ALL),
  exit() {
    exportAll(ALL);
    process.exit(0);
  },
  throw() {
    exportAll(ALL);
    throw new Error('nobody catches this');
  },
  reject() {
    exportAll(ALL);
    Promise.reject(new Error('nobody handles this'));
  },
  // A flush under way does not hold the process up, nor take anything away.
  'exit-in-flush'() {
    exportAll(ALL);
    mona.flush(60_000);
    setImmediate(() => process.exit(0));
  },
  'exit-listener'() {
    process.on('exit', () => exportAll(ALL));
  },
  'flush-then-kill': async () => {
    exportAll(ALL);
    if (!(await mona.flush(60_000))) throw new Error('not delivered');
    process.kill(process.pid, 'SIGKILL');
  },
  sigterm() {
    process.once('SIGTERM', () => process.exit(0));
    exportAll(ALL);
    process.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1000);
  },
  close: async () => {
    exportAll(ALL);
    if (!(await mona.close(60_000))) throw new Error('something was dropped');
  },
  'own-return': () => exportAll(ALL, own()),
  'own-exit'() {
    exportAll(ALL, own());
    process.exit(0);
  },
  'own-throw'() {
    exportAll(ALL, own());
    throw new Error('nobody catches this');
  },
  'own-exit-listener'() {
    const client = own();
    process.on('exit', () => exportAll(ALL, client));
  },
  workers: () => workers('part'),
  'workers-exit': () => workers('part-exit'),
  'workers-own': () => workers('part-own'),
  'workers-own-exit': () => workers('part-own-exit'),
  // terminate() runs no script of the worker any more.
  'workers-terminate'() {
    for (const worker of workers('part-wait')) worker.once('message', () => worker.terminate());
  },
  'workers-own-terminate'() {
    for (const worker of workers('part-own-wait')) worker.once('message', () => worker.terminate());
  },
  // The process ends while its workers still run.
  'exit-with-workers'() {
    let ready = 0;
    for (const worker of workers('part-own-wait')) worker.once('message', () => ++ready === PARTS && process.exit(0));
  },
  cluster() {
    cluster.setupPrimary({ exec: __filename, args: ['part-disconnect'] });
    for (let n = 0; n < PARTS; n++) cluster.fork();
  },
  fork() {
    for (let n = 0; n < PARTS; n++) fork(__filename, ['part-exit']);
  },
  part: () => exportAll(share),
  'part-exit'() {
    exportAll(share);
    process.exit(0);
  },
  'part-own': () => exportAll(share, own()),
  'part-own-exit'() {
    exportAll(share, own());
    process.exit(0);
  },
  'part-wait'() {
    exportAll(share);
    parentPort.once('message', () => {});
    parentPort.postMessage('exported');
  },
  'part-own-wait'() {
    exportAll(share, own());
    parentPort.once('message', () => {});
    parentPort.postMessage('exported');
  },
  'part-disconnect'() {
    exportAll(share);
    cluster.worker.disconnect();
  },
};

// A loaded machine takes its time; the option bounds what an exit may.
process.env.MONA_EXIT_FLUSH_MS ??= '30000';
ENDS[isMainThread ? process.argv[2] : workerData]();
