'use strict';
// Worker threads: each has the addon, all share the default client, and one may end at any moment.

const test = require('node:test');
const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const { once } = require('node:events');
const { spawnSync } = require('node:child_process');
const { setTimeout: sleep } = require('node:timers/promises');
const mona = require('@monalabs/mona');

// Workers of a text find packages from here.
process.chdir(__dirname);
mona.init({ endpoint: 'memory:', flushIntervalMs: 1, queueBytes: 1 << 28, queueSize: 1_000_000 });

const start = (script, workerData) =>
  new Worker(
    `const mona = require('@monalabs/mona');
  const { parentPort, workerData } = require('node:worker_threads');
  ${script}`,
    { eval: true, workerData },
  );

function taken() {
  mona.flushSync(30_000);
  const records = [];
  for (let record = mona.take(); record !== null; record = mona.take()) records.push(record);
  return records;
}

test('a worker starts with nothing open and uses the client of the process', async () => {
  await mona.context('main', { id: 'main' }, async () => {
    const worker = start(
      `
      parentPort.postMessage([mona.id(), mona.init({ endpoint: 'null:' })]);
      mona.context('worker', { id: workerData }, () => mona.export({ from: 'worker' }));`,
      'in-worker',
    );
    const [[id, isFirst]] = await once(worker, 'message');
    assert.equal(id, '');
    assert.equal(isFirst, false);
    await once(worker, 'exit');
  });
  assert.deepEqual(
    taken().map(({ context }) => context),
    ['main', 'in-worker', 'in-worker'],
  );
});

test('a run goes on in a worker by its id', async () => {
  await mona.context('main', { id: 'shared' }, async () => {
    await once(start(`mona.context(null, { id: workerData }, () => mona.export({ n: 1 }));`, mona.id()), 'exit');
  });
  assert.deepEqual(
    taken().map(({ context }) => context),
    ['shared', 'shared'],
  );
});

test('close in the main thread: workers are answered CLOSED, their own clients go on', async () => {
  const client = new mona.Client({ endpoint: 'memory:' });
  const run = client.context('x');
  await client.close();
  assert.equal(run.export({ a: 1 }), false);
  const worker = start(`
    const client = new mona.Client({ endpoint: 'memory:', flushIntervalMs: 1 });
    client.context('x', (run) => run.export({ a: 1 }));
    client.flush(30000).then((ok) => { parentPort.postMessage([ok, client.take().message]); });`);
  assert.deepEqual((await once(worker, 'message'))[0], [true, { MONA_ARC_CLASS: 'x' }]);
  await once(worker, 'exit');
});

test('workers that are terminated in the middle of calls', async () => {
  const script = `
    const own = new mona.Client({ endpoint: workerData % 2 ? 'memory:' : 'tcp://127.0.0.1:1', exitFlushMs: 50 });
    parentPort.postMessage('ready');
    mona.onLog(() => {});
    own.flush(300); own.check(300);
    setInterval(() => {
      for (let n = 0; n < 1000; n++) {
        mona.context('busy', () => mona.export({ n, text: 'x'.repeat(n % 100), nested: [n] }));
        own.context('busy', (run) => run.sub('step', (step) => step.export({ n })));
      }
    }, 0);`;
  for (let round = 0; round < 3; round++) {
    const workers = [0, 1, 2, 3].map((n) => start(script, n));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await sleep(20 * round);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  assert.equal(
    mona.context('still', () => mona.export({ works: true })),
    true,
  );
  assert.ok(taken().length > 0);
});

test('contexts are let go of', () => {
  const script = `
    const mona = require('@monalabs/mona');
    mona.init({ endpoint: 'null:' });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    (async () => {
      const measure = async () => {
        for (let n = 0; n < 20; n++) { gc(); await turn(); }
        return process.memoryUsage().rss;
      };
      const one = () => mona.context('a', () => mona.sub('b', () => mona.export({ n: 1 })));
      const round = async () => {
        for (let n = 0; n < 20; n++) { for (let k = 0; k < 2000; k++) one(); await turn(); }
      };
      await round();
      const before = await measure();
      for (let n = 0; n < 5; n++) await round();
      const grown = (await measure()) - before;
      if (grown > 40e6) throw new Error(grown + ' bytes of 400 000 contexts stayed');
    })();`;
  const { status, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', script], {
    cwd: __dirname,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

test('loaded in workers alone, and again', () => {
  const script = `
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const body = "const mona = require('@monalabs/mona'); mona.context('a', () => mona.export({ n: 1 }));" +
      "const own = new mona.Client({ endpoint: 'null:' }); own.context('b', (run) => run.export({ n: 1 }))";
    (async () => { for (let n = 0; n < 10; n++) await once(new Worker(body, { eval: true }), 'exit'); })();`;
  const env = { ...process.env, MONA_ENDPOINT: 'null:' };
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: __dirname,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${signal} ${stderr}`);
});
