'use strict';
// Contexts: blocks, tasks, what they hand on, and that no task sees the context of another one.

const test = require('node:test');
const assert = require('node:assert/strict');
const { setTimeout: sleep, setImmediate: turn } = require('node:timers/promises');
const { EventEmitter } = require('node:events');
const mona = require('@monalabs/mona');

mona.init({ endpoint: 'memory:', flushIntervalMs: 1 });

function taken(client = mona) {
  client.flushSync(30_000);
  const records = [];
  for (let record = client.take(); record !== null; record = client.take()) records.push(record);
  return records;
}

test('a block gives what its function gives, and is left behind it', async () => {
  assert.equal(
    mona.context('a', (context) => context.id),
    taken()[0].context,
  );
  assert.equal(await mona.context('a', { id: 'given' }, async () => mona.id()), 'given');
  assert.equal(mona.id(), '');
  assert.equal(mona.current(), undefined);
  const error = new Error('of the program');
  assert.throws(
    () =>
      mona.context('a', () => {
        throw error;
      }),
    error,
  );
  await assert.rejects(
    mona.context('a', async () => {
      throw error;
    }),
    error,
  );
  assert.equal(mona.id(), '');
  assert.throws(() => mona.context('a', 5), TypeError);
  taken();
});

test('class, id, timestamp and the order of records', () => {
  mona.context('ranker', { id: 'run', timestamp: 1500000000 }, () => {
    mona.export({ a: 1 });
    mona.sub('step', { id: 7 }, () => mona.export({ b: 2 }));
    mona.sub(null, { id: 'x.y' }, (step) => step.export({ c: 3 }, new Date(1600000000_000)));
  });
  const records = taken();
  assert.deepEqual(
    records.map(({ context, message }) => [context, message]),
    [
      ['run', { MONA_ARC_CLASS: 'ranker' }],
      ['run', { a: 1 }],
      ['run.7', { MONA_ARC_CLASS: 'step' }],
      ['run.7', { b: 2 }],
      ['run.x.y', { c: 3 }],
    ],
  );
  assert.equal(records[0].export_timestamp, 1500000000);
  assert.equal(records[4].export_timestamp, 1600000000);
});

test('200 tasks, none in the context of another one', async () => {
  const wrong = [];
  const expect = (id) => {
    if (mona.id() !== id) wrong.push([id, mona.id()]);
  };
  const emitter = new EventEmitter();
  async function task(n) {
    const id = `task-${n}`;
    await mona.context('task', { id }, async () => {
      for (let round = 0; round < 5; round++) {
        await (round % 3 === 0 ? sleep(Math.random() * 5) : round % 3 === 1 ? turn() : Promise.resolve());
        expect(id);
        mona.export({ n, round });
        await mona.sub('step', { id: `s${round}` }, async () => {
          await sleep(Math.random() * 3);
          expect(`${id}.s${round}`);
          await Promise.all(
            [0, 1].map(async (k) => {
              await turn();
              mona.export({ n, k, round });
            }),
          );
          process.nextTick(() => expect(`${id}.s${round}`));
          queueMicrotask(() => expect(`${id}.s${round}`));
          await new Promise((resolve) =>
            setTimeout(() => {
              expect(`${id}.s${round}`);
              resolve();
            }, 1),
          );
        });
        emitter.emit('progress');
        expect(id);
      }
    });
    expect('');
  }
  await Promise.all(Array.from({ length: 200 }, (_, n) => task(n)));
  assert.deepEqual(wrong, []);
  const records = taken().filter(({ message }) => !('MONA_ARC_CLASS' in message));
  assert.equal(records.length, 200 * 5 * 3);
  for (const { context, message } of records) {
    assert.equal(context, 'k' in message ? `task-${message.n}.s${message.round}` : `task-${message.n}`);
  }
});

test('a task that outlives the block stays in its context; a child leaks nothing back', async () => {
  let late;
  await mona.context('a', { id: 'outer' }, async () => {
    late = (async () => {
      await sleep(20);
      mona.export({ late: true });
      return mona.id();
    })();
    await (async () => {
      mona.enterSub('child', { id: 'inside' });
      await turn();
      assert.equal(mona.id(), 'outer.inside');
    })();
  });
  assert.equal(await late, 'outer');
  assert.equal(mona.id(), '');
  assert.deepEqual(taken().at(-1).message, { late: true });
});

test('inside another context a block joins, and outside has none', () => {
  mona.context('a', { id: 'first' }, () => {
    mona.context('b', { id: 'second' }, () => assert.equal(mona.id(), 'first'));
    mona.outside(
      (a, b) => {
        assert.equal(a + b, 3);
        assert.equal(mona.id(), '');
        mona.context('b', { id: 'third' }, () => assert.equal(mona.id(), 'third'));
        mona.enter('c', { id: 'fourth' });
        assert.equal(mona.id(), 'fourth');
      },
      1,
      2,
    );
    assert.equal(mona.id(), 'first');
  });
  assert.equal(mona.id(), '');
  taken();
});

test('contexts as objects', () => {
  const run = mona.context('ranker', { id: 'by-hand' });
  assert.equal(mona.id(), '');
  assert.equal(run.export({ a: 1 }), true);
  const step = run.sub('step', { id: 's' });
  assert.equal(step.id, 'by-hand.s');
  assert.equal(
    step.run((a, b) => mona.id() + a + b, 'x', 'y'),
    'by-hand.sxy',
  );
  assert.equal(
    run.sub('step', { id: 't' }, () => mona.id()),
    'by-hand.t',
  );
  mona.context('other', { id: 'elsewhere' }, () => assert.equal(mona.context('mine', { id: 'alone' }).id, 'alone'));
  run.free();
  run.free();
  assert.equal(run.id, '');
  assert.equal(run.export({ a: 1 }), false);
  assert.equal(step.export({ b: 1 }), true);
  assert.throws(() => new mona.Context(), TypeError);
  assert.throws(() => mona.Context.prototype.export.call({}, {}), TypeError);
  assert.throws(() => Object.create(mona.Context.prototype).id, TypeError);
  taken();
});

test('without blocks', async () => {
  await mona.outside(async () => {
    const leave = mona.enter('a', { id: 'm' });
    const leaveSub = mona.enterSub('b', { id: 's' });
    assert.equal(mona.id(), 'm.s');
    await turn();
    leave();
    assert.equal(mona.id(), '');
    leaveSub();
    leave();
    assert.equal(mona.open('a', { id: 'o' }), true);
    assert.equal(mona.openSub('b', { id: 'x' }), true);
    assert.equal(mona.closeSub('nobody'), false);
    assert.equal(mona.closeSub(), true);
    assert.equal(mona.id(), 'o');
    assert.equal(mona.reset(), true);
    assert.equal(mona.id(), '');
    assert.equal(mona.openSub('b'), false);
  });
  assert.equal(mona.id(), '');
  taken();
});

test('bad classes and ids', () => {
  for (const arcClass of ['\ud800', Symbol('x'), 'x'.repeat(1 << 20)]) {
    assert.equal(
      mona.context(arcClass, () => mona.id()),
      '',
    );
    mona.raiseErrors(true);
    assert.throws(() => mona.context(arcClass, () => assert.fail('the block ran')), {
      name: 'MonaError',
      field: 'arc_class',
    });
    mona.raiseErrors(false);
  }
  mona.raiseErrors(true);
  assert.throws(() => mona.context('a', { id: 'x\udc00' }, () => 0), { code: 'MONA_E_UTF8', field: 'id' });
  assert.throws(() => mona.context('a', { id: {} }, () => 0), { code: 'MONA_E_JSON', field: 'id' });
  mona.outside(() => {
    mona.open('a', { id: 'm' });
    mona.openSub('b', { id: 's' });
    assert.throws(() => mona.closeSub('\ud800'), { code: 'MONA_E_UTF8', field: 'id' });
    assert.throws(() => mona.closeSub(Symbol('s')), { code: 'MONA_E_JSON', field: 'id' });
    assert.equal(mona.id(), 'm.s');
  });
  mona.raiseErrors(false);
  // As long as a class may be, with a timestamp that is as long.
  assert.equal(
    mona.context('é'.repeat(10_000), { id: 'long', timestamp: 'é'.repeat(20_000) }, () => mona.id()),
    'long',
  );
  taken();
  for (const arcClass of [null, undefined, '', 0, false, [], {}])
    assert.equal(
      mona.context(arcClass, { id: 'i' }, () => mona.id()),
      'i',
    );
  assert.deepEqual(taken(), []);
  mona.context({ k: 1 }, () => {});
  assert.deepEqual(taken()[0].message, { MONA_ARC_CLASS: { k: 1 } });
});

test('two clients have contexts of their own', async () => {
  const other = new mona.Client({ endpoint: 'memory:', flushIntervalMs: 1 });
  await mona.context('a', { id: 'one' }, async () => {
    assert.equal(other.id(), '');
    assert.equal(other.export({ nowhere: 1 }), false);
    await other.context('b', { id: 'two' }, async () => {
      await turn();
      assert.equal(mona.id(), 'one');
      assert.equal(other.id(), 'two');
      mona.export({ x: 1 });
      other.export({ x: 2 });
    });
  });
  assert.deepEqual(
    taken().map(({ context }) => context),
    ['one', 'one'],
  );
  assert.deepEqual(
    taken(other).map(({ context }) => context),
    ['two', 'two'],
  );
  mona.raiseErrors(true);
  assert.throws(() => other.export({ a: 1 }), { code: 'MONA_E_NO_CONTEXT' });
  other.setDisabled(true);
  assert.equal(other.export({ a: 1 }), false);
  mona.raiseErrors(false);
  await other.close();
});

test('the Big Red Button', () => {
  mona.setDisabled(true);
  assert.equal(mona.isDisabled(), true);
  mona.raiseErrors(true);
  mona.context('a', () => {
    assert.equal(mona.id(), '');
    assert.equal(mona.export({ a: 1 }), false);
    assert.equal(mona.export({ a: Symbol('bad') }), false);
    assert.equal(mona.export(5), false);
    assert.equal(mona.exportBatch([{ message: { a: 1 } }]), 0);
    assert.equal(mona.exportBatch(5), 0);
    assert.equal(mona.setGlobals('x'), true);
  });
  mona.raiseErrors(false);
  mona.setDisabled(false);
  assert.deepEqual(taken(), []);
  assert.throws(() => mona.setDisabled(1), TypeError);
});

test('batches and globals', () => {
  const events = [
    { message: { a: 1 }, arcClass: 'x', contextId: 'b1', timestamp: new Date(1500000000_000) },
    { message: { a: 2 }, arc_class: 'y', context_id: 'b2', export_timestamp: 1500000001 },
    { message: { bad: new Set() }, contextId: 'b3' },
    { message: { a: 4n }, contextId: 4 },
  ];
  assert.equal(mona.exportBatch(events), 3);
  assert.deepEqual(
    taken().map(({ context, message, export_timestamp: time }) => [
      context,
      Object.values(message)[0],
      time > 1500000001,
    ]),
    [
      ['b1', 'x', false],
      ['b1', 1, false],
      ['b2', 'y', false],
      ['b2', 2, false],
      ['4', 4, true],
    ],
  );
  assert.equal(mona.exportBatch(new Set(events.slice(0, 1))), 1);
  assert.equal(mona.exportBatch([]), 0);
  const odd = [
    { message: { a: 1 }, contextId: Symbol('x') },
    { message: { a: 1 }, contextId: '\ud800' },
    { message: { a: 1 }, arcClass: () => 1 },
    {
      message: {
        get a() {
          throw new Error('of the getter');
        },
      },
    },
    { message: [1] },
    {
      message: { a: 1 },
      timestamp: {
        toString() {
          throw new Error('of toString');
        },
        f: () => 1,
      },
    },
  ];
  assert.equal(mona.exportBatch(odd), 1);
  assert.equal(
    mona.exportBatch([
      null,
      5,
      'x',
      {
        get message() {
          throw new Error('of the getter');
        },
      },
    ]),
    0,
  );
  mona.raiseErrors(true);
  assert.throws(() => mona.exportBatch([{ arcClass: 'x' }]), { code: 'MONA_E_JSON' });
  assert.throws(() => mona.exportBatch(5), { code: 'MONA_E_JSON' });
  assert.throws(() => mona.exportBatch(null), { code: 'MONA_E_JSON' });
  assert.throws(() => mona.setGlobals({ g: () => 1 }), { code: 'MONA_E_JSON', field: 'g' });
  assert.throws(() => mona.setGlobals(null), { code: 'MONA_E_JSON' });
  mona.raiseErrors(false);
  taken();
  mona.setGlobals({ region: 'eu', n: 2n });
  mona.context('a', { id: 'g' }, () => {});
  mona.setGlobals({});
  mona.context(null, { id: 'h' }, () => {});
  assert.deepEqual(
    taken().map(({ message }) => message),
    [{ MONA_ARC_CLASS: 'a' }, { MONA_GLOBALS: { region: 'eu', n: 2 } }],
  );
});
