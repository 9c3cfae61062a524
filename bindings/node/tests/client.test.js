'use strict';
// Clients, options, errors, logs and what a client says about itself.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const mona = require('@monalabs/mona');

const memory = (options) => new mona.Client({ endpoint: 'memory:', flushIntervalMs: 1, ...options });

test('options by their names in JavaScript and in libmona', async () => {
  const client = memory({
    userId: 'u',
    queue_size: 10n,
    dropFields: ['a', 'b'],
    sampleRates: { x: 0.5 },
    blocking: false,
    hashSalt: undefined,
  });
  const rows = client.describe();
  assert.equal(rows.user_id.value, 'u');
  assert.equal(rows.user_id.source, 'set');
  assert.equal(rows.queue_size.value, 10);
  assert.equal(rows.drop_fields.value, 'a,b');
  assert.deepEqual(rows.sample_rates.value, { x: 0.5 });
  await client.close();
});

test('wrong options are errors, always', () => {
  assert.throws(
    () => memory({ queueSize: 'many' }),
    (error) => {
      assert.ok(error instanceof mona.MonaError);
      assert.equal(error.code, 'MONA_E_ARGUMENT');
      assert.match(error.message, /option "queue_size": "many"/);
      return true;
    },
  );
  assert.throws(() => memory({ nosuch: 1 }), { name: 'MonaError' });
  assert.throws(() => memory({ queueSize: -1 }), { name: 'MonaError' });
  assert.throws(() => memory({ queueSize: 2 ** 60 }), RangeError);
  assert.throws(() => memory({ queueSize: NaN }), RangeError);
  assert.throws(() => memory({ queueSize: Symbol('x') }), TypeError);
  assert.throws(() => new mona.Client(5), TypeError);
  assert.throws(() => new mona.Client(null), TypeError);
  assert.throws(() => new mona.Client({ endpoint: 'nonsense://' }), { code: 'MONA_E_ARGUMENT' });
  assert.throws(() => mona.init({ nosuch: 1 }), { name: 'MonaError' });
});

test('time-outs are checked before they cross', async () => {
  const client = memory();
  for (const value of [-1, NaN, Infinity, 2 ** 32]) {
    assert.throws(() => client.flushSync(value), RangeError);
    await assert.rejects(client.flush(value), RangeError);
    await assert.rejects(client.close(value), RangeError);
    await assert.rejects(client.check(value), RangeError);
  }
  for (const value of ['1', null, 1n, {}]) assert.throws(() => client.flushSync(value), TypeError);
  for (const value of [-1, 51, 1.5, '10', NaN]) assert.throws(() => mona.logLevel(value), RangeError);
  assert.equal(await client.flush(0.5), true);
  await client.close();
});

test('the first default client counts', async () => {
  assert.equal(mona.init({ endpoint: 'memory:', userId: 'first' }), true);
  assert.equal(mona.init({ endpoint: 'memory:', userId: 'second' }), false);
  assert.equal(mona.describe().user_id.value, 'first');
});

test('after close: CLOSED, again and again, and nothing crashes', async () => {
  const client = memory();
  const run = client.context('a');
  assert.equal(run.export({ a: 1 }), true);
  assert.equal(await client.close(5000), true);
  assert.equal(await client.close(), true);
  assert.equal(client.closeSync(), true);
  assert.equal(run.export({ a: 2 }), false);
  mona.raiseErrors(true);
  assert.throws(() => run.export({ a: 2 }), { code: 'MONA_E_CLOSED', name: 'MonaError' });
  // Everything was delivered before.
  assert.equal(await client.flush(10), true);
  assert.throws(() => client.context('b', () => assert.fail('the block ran')), { code: 'MONA_E_CLOSED' });
  mona.raiseErrors(false);
  assert.equal(
    client.context('b', () => 5),
    5,
  );
  assert.equal(client.stats().accepted, 2);
  assert.equal(client.take().message.MONA_ARC_CLASS, 'a');
  assert.equal(client.exportBatch([{ message: { a: 1 } }]), 0);
  assert.equal((await client.check(1000)).ok, true);
});

test('a flush waits beside the event loop', async () => {
  const server = net.createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new mona.Client({ endpoint: `tcp://127.0.0.1:${server.address().port}`, exitFlushMs: 0 });
  client.context('a', (run) => run.export({ a: 1 }));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  assert.equal(await client.flush(400), false);
  assert.ok(ticks >= 5, `${ticks} ticks`);
  const before = ticks;
  assert.equal(client.flushSync(50), false);
  assert.equal(ticks, before);
  assert.equal(await client.close(50), false);
  assert.equal(client.stats().dropped_closed, 2);
  clearInterval(timer);
  server.close().unref();
});

test('check tells the steps', async () => {
  const client = new mona.Client({ endpoint: 'tcp://127.0.0.1:1' });
  const check = await client.check(2000);
  assert.equal(check.ok, false);
  assert.match(check.error, /^connect: /);
  assert.equal(check.steps.at(-1).ok, false);
  await client.close(0);
  const good = memory();
  assert.deepEqual((await good.check()).error, null);
  await good.close();
});

test('counters have the names of the catalogue and add up', () => {
  const client = memory({ sampleRate: 0 });
  const run = client.context('a');
  assert.equal(run.export({ a: 1 }), false);
  const stats = client.stats();
  const types = fs.readFileSync(path.join(path.dirname(require.resolve('@monalabs/mona')), 'generated.d.ts'), 'utf8');
  const names = [
    ...types
      .split('interface Stats')[1]
      .split('}')[0]
      .matchAll(/readonly (\w+)/g),
  ].map(([, name]) => name);
  assert.deepEqual(Object.keys(stats), names);
  assert.ok(stats.skipped_sampled >= 1);
  client.closeSync();
});

test('takeText keeps whole numbers beyond 2^53', () => {
  const client = memory();
  client.context(null, (run) => run.export({ n: 2n ** 63n }));
  client.flushSync(30_000);
  assert.match(client.takeText(), /"n":9223372036854775808/);
  assert.equal(client.takeText(), null);
  assert.equal(client.take(), null);
  client.closeSync();
  const other = new mona.Client({ endpoint: 'null:' });
  assert.equal(other.take(), null);
  other.closeSync();
});

test('log lines come to a function, after a failure at once and by a timer', async () => {
  const lines = [];
  assert.equal(
    mona.onLog((level, line) => lines.push([level, line])),
    null,
  );
  const client = memory();
  client.context('logged', (run) => run.export({ bad: () => 1 }));
  const wanted = 'refused: field "bad": a value of type function, one that JSON can say is expected';
  assert.deepEqual(lines[0], [mona.LOG.WARNING, wanted]);
  assert.ok(
    lines.some(([, line]) => line.includes('JSON of field "bad"')),
    String(lines),
  );
  client.context('logged', (run) => run.export({ bad: () => 1 }));
  assert.equal(lines.filter(([, line]) => line === wanted).length, 1);
  lines.length = 0;
  const refusing = new mona.Client({ endpoint: 'tcp://127.0.0.1:1', connectTimeoutMs: 200 });
  refusing.context('a', (run) => run.export({ a: 1 }));
  for (let turn = 0; turn < 1000 && lines.length === 0; turn++) await sleep(20);
  assert.match(lines[0][1], /127\.0\.0\.1:1/);
  await refusing.close(0);
  // One that exports, and one that throws.
  mona.onLog(() => client.context('logged', (run) => run.export({ worse: () => 1 })));
  client.context('logged', (run) => run.export({ bad: '\ud800' }));
  const warned = new Promise((resolve) => process.once('warning', resolve));
  mona.onLog(() => {
    throw new Error('of the handler');
  });
  mona.logLevel(0);
  memory({ disableAll: true }).context('x', (run) => run.export(5));
  client.context('logged', (run) => run.sub('\udc00', () => 0));
  client.context('logged', () => client.closeSub('x'));
  assert.match((await warned).message, /of the handler/);
  mona.logLevel(30);
  assert.equal(mona.onLog(null), null);
  assert.throws(() => mona.onLog(5), TypeError);
  await client.close();
});

test('the two ways to load it are one', async () => {
  const esm = await import('@monalabs/mona');
  assert.deepEqual(
    Object.keys(esm)
      .filter((name) => name !== 'default' && name !== 'module.exports')
      .sort(),
    Object.keys(mona).sort(),
  );
  for (const [name, value] of Object.entries(mona)) assert.equal(esm[name], value, name);
  assert.equal(esm.default, mona);
  assert.equal(mona.version, require('@monalabs/mona/package.json').version);
});
