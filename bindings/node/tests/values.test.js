'use strict';
// What each kind of value of JavaScript becomes, and what is refused. README.md has the table.

const test = require('node:test');
const assert = require('node:assert/strict');
const mona = require('@monalabs/mona');

const client = new mona.Client({
  endpoint: 'memory:',
  flushIntervalMs: 1,
  maxEventBytes: 2097152,
  queueBytes: 1 << 28,
});
const run = client.context('values');

// The message of one event as JSON text.
function sent(fields, timestamp) {
  assert.equal(run.export(fields, timestamp), true);
  assert.equal(client.flushSync(30_000), true);
  let text = null;
  for (let next = client.takeText(); next !== null; next = client.takeText()) text = next;
  return text.slice(text.indexOf('"message":') + 10, text.lastIndexOf(',"export_timestamp"'));
}

const stamp = (text) => Number(/"export_timestamp":(-?\d+)/.exec(text)[1]);

function sentAt(timestamp) {
  run.export({ a: 1 }, timestamp);
  client.flushSync(30_000);
  return stamp(client.takeText());
}

// The error of an event that is refused, which leaves the next one alone.
function refused(fields) {
  const before = client.stats();
  mona.raiseErrors(true);
  try {
    run.export(fields);
  } catch (error) {
    assert.ok(error instanceof mona.MonaError);
    assert.ok(error instanceof Error);
    return error;
  } finally {
    mona.raiseErrors(false);
    assert.equal(run.export(fields), false);
    const after = client.stats();
    assert.equal(after.refused - before.refused, 2);
    assert.equal(after.accepted, before.accepted);
    assert.equal(sent({ next: 1 }), '{"next":1}');
  }
  return assert.fail('nothing was refused');
}

test('scalars', () => {
  assert.equal(
    sent({ s: 'cat', n: 3, f: 0.25, t: true, x: false, z: null, e: '' }),
    '{"s":"cat","n":3,"f":0.25,"t":true,"x":false,"z":null,"e":""}',
  );
});

test('what a getter exports leaves the event around it as it was', () => {
  const fields = { a: 1, s: 'text', c: 'after' };
  Object.defineProperty(fields, 'b', { enumerable: true, get: () => run.export({ other: new Set() }, 'a text') });
  assert.equal(sent(fields), '{"a":1,"s":"text","c":"after","b":false}');
});

test('numbers are whole numbers up to 2^53 and floats otherwise', () => {
  assert.equal(
    sent({ a: 2 ** 53, b: -(2 ** 53), c: 2 ** 53 + 2, d: -0 }),
    '{"a":9007199254740992,"b":-9007199254740992,"c":9007199254740994.0,"d":0}',
  );
  // The type is that of the value, wherever it stands.
  assert.equal(
    sent({ l: [2 ** 53, -(2 ** 53), 2 ** 53 + 2], o: { n: 2 ** 53 } }),
    '{"l":[9007199254740992,-9007199254740992,9007199254740994.0],"o":{"n":9007199254740992}}',
  );
  assert.equal(
    sent({ a: 1e20, b: 1e300, c: 5e-324 }),
    sent({ l: [1e20, 1e300, 5e-324] }).replace(/^\{"l":\[(.*),(.*),(.*)\]\}$/, '{"a":$1,"b":$2,"c":$3}'),
  );
});

test('NaN and infinities are null, or floats with nonfinite=ieee', () => {
  assert.equal(sent({ a: NaN, b: [Infinity, -Infinity] }), '{"a":null,"b":[null,null]}');
});

test('float keeps a whole number a float', () => {
  assert.equal(sent({ a: mona.float(1), b: [mona.float(2), mona.float(-0)] }), '{"a":1.0,"b":[2.0,-0.0]}');
  assert.equal(JSON.stringify({ a: mona.float(1) }), '{"a":1}');
  assert.throws(() => mona.float('1'), TypeError);
});

test('BigInt as it is within 64 bits', () => {
  assert.equal(
    sent({ a: 2n ** 64n - 1n, b: -(2n ** 63n), c: [2n ** 63n] }),
    '{"a":18446744073709551615,"b":-9223372036854775808,"c":[9223372036854775808]}',
  );
  for (const value of [2n ** 64n, -(2n ** 63n) - 1n, 10n ** 40n]) {
    assert.match(refused({ big: value }).message, /field "big": a BigInt beyond 64 bits/);
    assert.match(refused({ list: [{ deep: value }] }).message, /field "list": a BigInt/);
  }
});

test('Date is ISO text, and null where it is none', () => {
  assert.equal(sent({ a: new Date(0), b: [new Date(NaN)] }), '{"a":"1970-01-01T00:00:00.000Z","b":[null]}');
});

test('undefined is left out, in an array it is null', () => {
  assert.equal(
    sent({ a: undefined, b: 1, c: [undefined, , 2], d: { e: undefined } }),
    '{"b":1,"c":[null,null,2],"d":{}}',
  );
  const before = client.stats().skipped_filtered;
  assert.equal(run.export({ a: undefined }), false);
  assert.equal(client.stats().skipped_filtered, before + 1);
});

test('Map is an object, with the keys of JSON', () => {
  const map = new Map([
    [1, 'a'],
    [null, 'b'],
    [true, 'c'],
    [2.5, 'd'],
    ['x', new Map([['y', 1]])],
  ]);
  assert.equal(sent({ map }), '{"map":{"1":"a","null":"b","true":"c","2.5":"d","x":{"y":1}}}');
  assert.equal(
    sent(
      new Map([
        ['a', 1],
        [2, 'b'],
      ]),
    ),
    '{"a":1,"2":"b"}',
  );
  assert.match(refused({ map: new Map([[{}, 1]]) }).message, /field "map": a key of type object/);
});

test('typed arrays are lists of numbers', () => {
  assert.equal(
    sent({ v: new Float32Array([0.5, 2]), u: new BigUint64Array([2n ** 64n - 1n]), e: new Uint8Array(0) }),
    '{"v":[0.5,2],"u":[18446744073709551615],"e":[]}',
  );
});

test('class instances by their own fields, toJSON asked first', () => {
  class Point {
    x = 1;
    #y = 2;
    get y() {
      return this.#y;
    }
  }
  class Named {
    toJSON(key) {
      return `named ${key}`;
    }
  }
  assert.equal(
    sent({ p: new Point(), n: new Named(), l: [new Named()] }),
    '{"p":{"x":1},"n":"named n","l":["named 0"]}',
  );
  assert.equal(sent(new Point()), '{"x":1}');
  assert.equal(sent({ u: { toJSON: () => undefined }, a: 1 }), '{"a":1}');
  assert.equal(sent({ toJSON: () => ({ other: 1 }) }), '{"other":1}');
  assert.equal(sent({ url: new URL('http://a/b') }), '{"url":"http://a/b"}');
  assert.equal(sent(Object.create(null, { a: { value: 1, enumerable: true } })), '{"a":1}');
  assert.equal(
    sent({ a: new Number(1), b: new String('x'), c: new Boolean(false), d: Object(5n) }),
    '{"a":1,"b":"x","c":false,"d":5}',
  );
});

test('inherited and symbol keys are not sent', () => {
  const fields = Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true }, hidden: { value: 3 } });
  fields[Symbol('s')] = 4;
  assert.equal(sent(fields), '{"own":2}');
  Object.prototype.polluted = 1;
  try {
    assert.equal(sent({ a: 1, b: { c: 2 } }), '{"a":1,"b":{"c":2}}');
  } finally {
    delete Object.prototype.polluted;
  }
  assert.equal(sent(JSON.parse('{"__proto__": 1, "constructor": 2}')), '{"__proto__":1,"constructor":2}');
});

test('what JSON.stringify would lose or distort is refused, with the name of the field', () => {
  const odd = {
    'a Buffer': Buffer.from('x'),
    'an ArrayBuffer': new ArrayBuffer(1),
    'a DataView': new DataView(new ArrayBuffer(1)),
    'a Set': new Set([1]),
    'a Promise': Promise.resolve(),
    'a RegExp': /x/,
    'an Error': new Error('x'),
    'a weak collection': new WeakMap(),
    'an iterator': [1][Symbol.iterator] && new Map().keys(),
    'a value of type symbol': Symbol('x'),
    'a value of type function': () => 1,
  };
  for (const [what, value] of Object.entries(odd)) {
    for (const fields of [{ ok: 1, bad: value }, { bad: [{ deep: value }] }, { bad: new Map([['k', value]]) }]) {
      const error = refused(fields);
      assert.equal(error.message, `field "bad": ${what}, one that JSON can say is expected`);
      assert.equal(error.field, 'bad');
      assert.equal(error.code, 'MONA_E_JSON');
      assert.equal(error.status, mona.STATUS.JSON);
    }
  }
});

test('an event that is no object is refused', () => {
  for (const value of [undefined, null, 1, 'x', true, 1n, Symbol('x'), [1], () => 1, new Float64Array(1), new Date()]) {
    assert.match(refused(value).message, /^event: .* instead of an object/);
  }
  assert.match(refused(new Set()).message, /^event: a Set/);
});

test('cycles and depth', () => {
  const cycle = { a: [] };
  cycle.a.push(cycle, cycle);
  assert.match(refused({ cycle }).message, /field "cycle": a value that contains itself/);
  const self = { n: 1 };
  self.self = self;
  assert.match(refused(self).message, /field "self": a value that contains itself/);
  const twice = { x: 1 };
  assert.equal(sent({ a: twice, b: [twice, twice] }), '{"a":{"x":1},"b":[{"x":1},{"x":1}]}');
  let deep = 1;
  for (let level = 0; level < 50_000; level++) deep = [deep];
  assert.equal(refused({ deep }).code, 'MONA_E_LIMIT');
  let within = 1;
  for (let level = 0; level < 59; level++) within = [within];
  assert.ok(sent({ within }));
  assert.equal(refused({ within: [within] }).code, 'MONA_E_LIMIT');
});

test('text', () => {
  const texts = [
    'é',
    '😀',
    '\0',
    '"\\\n',
    'x'.repeat(47),
    'x'.repeat(48),
    'x'.repeat(49),
    'é'.repeat(500),
    'y'.repeat(70_000),
    '\u2028',
  ];
  for (const text of texts) {
    assert.deepEqual(JSON.parse(sent({ text })), { text });
    assert.deepEqual(JSON.parse(sent({ [text]: [text] })), { [text]: [text] });
  }
  for (const text of ['\ud800', 'a\udc00b', 'x'.repeat(100) + '\ud83d']) {
    for (const fields of [{ t: text }, { t: [text] }, { t: { [text]: 1 } }]) {
      const error = refused(fields);
      assert.equal(error.code, 'MONA_E_UTF8');
      assert.equal(error.field, 't');
    }
    assert.equal(refused({ [text]: 1 }).code, 'MONA_E_UTF8');
  }
});

test('many fields, large texts, many lists of keys', () => {
  for (const count of [63, 64, 65, 1000]) {
    const fields = Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, n]));
    assert.deepEqual(JSON.parse(sent(fields)), fields);
  }
  const large = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`f${n}`, 'z'.repeat(30_000)]));
  assert.deepEqual(JSON.parse(sent(large)), large);
  assert.equal(refused({ huge: 'h'.repeat(3 << 20) }).code, 'MONA_E_LIMIT');
  // Not even looked at.
  for (const huge of ['h'.repeat(1 << 24), ['h'.repeat(1 << 24)]]) {
    assert.match(refused({ huge }).message, /"huge": a text that is too long/);
  }
  // More lists of keys than are kept.
  const before = client.stats().accepted;
  for (let n = 0; n < 20_000; n++) assert.equal(run.export({ [`key${n}`]: n, b: 'x' }), true);
  assert.equal(client.stats().accepted - before, 20_000);
  assert.equal(sent({ key19999: 1, b: 'y' }), '{"key19999":1,"b":"y"}');
  assert.equal(sent({ key5: 1, b: 'y' }), '{"key5":1,"b":"y"}');
});

test('code of the program that runs inside an export may throw and may export', () => {
  const cause = new Error('from the getter');
  const throwing = {
    get bad() {
      throw cause;
    },
  };
  assert.equal(refused(throwing).cause, cause);
  assert.match(refused(throwing).message, /field "bad": a value that throws/);
  assert.match(
    refused({
      a: 1,
      j: {
        toJSON() {
          throw cause;
        },
      },
    }).message,
    /field "j"/,
  );
  assert.equal(
    refused(
      new Proxy(
        {},
        {
          ownKeys() {
            throw cause;
          },
        },
      ),
    ).cause,
    cause,
  );
  const fields = {
    first: 'text of the first field',
    get second() {
      assert.equal(run.export({ inner: 'a text that is longer than the one of the first field' }, 'not a time'), true);
      run.sub('inner', { id: 'some id' }, () => {});
      return 'second';
    },
    third: 3,
  };
  client.flushSync(30_000);
  while (client.takeText() !== null);
  assert.equal(run.export(fields), true);
  client.flushSync(30_000);
  const messages = [];
  for (let record = client.take(); record !== null; record = client.take()) messages.push(record.message);
  assert.deepEqual(messages.at(-1), { first: 'text of the first field', second: 'second', third: 3 });
  assert.equal(messages.length, 3);
});

test('timestamps', () => {
  assert.equal(sentAt(1500000000), 1500000000);
  assert.equal(sentAt(1500000000.9), 1500000000);
  assert.equal(sentAt(-1.5), -1);
  assert.equal(sentAt(new Date(1500000000_000)), 1500000000);
  assert.equal(sentAt(1500000000n), 1500000000);
  const now = Date.now() / 1000;
  for (const value of [undefined, null, 0, false, '', new Date(0)]) assert.ok(Math.abs(sentAt(value) - now) < 100);
  // What is no time is reported in the record; milliseconds are too.
  assert.equal(sent({ a: 1 }, 'soon'), '{"a":1,"MONA_INVALID_EXPORT_TIMESTAMP":"soon"}');
  assert.match(sent({ a: 1 }, Date.now()), /MONA_INVALID_EXPORT_TIMESTAMP/);
  assert.match(sent({ a: 1 }, NaN), /"MONA_INVALID_EXPORT_TIMESTAMP":null/);
  assert.match(sent({ a: 1 }, Symbol('t')), /"MONA_INVALID_EXPORT_TIMESTAMP":"Symbol\(t\)"/);
  assert.match(sent({ a: 1 }, 10n ** 30n), /"MONA_INVALID_EXPORT_TIMESTAMP":"1000000000000000000000000000000"/);
});

test('random events are what JSON makes of them', () => {
  let seed = 20261129;
  const random = (most) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * most);
  };
  const text = () =>
    Array.from({ length: random(4) ** 3 }, () =>
      String.fromCodePoint([97, 34, 92, 10, 233, 0x20ac, 0x1f600, 0][random(8)]),
    ).join('');
  const scalars = [
    text,
    () => random(1e6) - 5e5,
    () => random(1e9) / 1e4,
    () => (-random(1e9) * 2 ** random(60)) / 7,
    () => true,
    () => null,
    () => '',
    () => 0,
  ];
  const value = (depth) => {
    const kind = random(depth > 3 ? 8 : 10);
    if (kind < 8) return scalars[kind]();
    const list = Array.from({ length: random(5) }, () => value(depth + 1));
    return kind === 8 ? list : Object.fromEntries(list.map((one, n) => [text() + n, one]));
  };
  client.flushSync(30_000);
  while (client.takeText() !== null);
  const events = Array.from({ length: 3000 }, (_, n) => ({
    n,
    ...Object.fromEntries(Array.from({ length: random(9) }, () => [`k${random(20)}`, value(0)])),
  }));
  for (const event of events) assert.equal(run.export(event), true);
  assert.equal(client.flushSync(30_000), true);
  for (const event of events) assert.deepEqual(client.take().message, JSON.parse(JSON.stringify(event)));
});

test.after(() => client.closeSync(5000));

test('the same object twice is no cycle, however deep', () => {
  const twice = { n: 1 };
  let deep = [twice, twice];
  for (let n = 0; n < 30; n++) deep = [deep];
  assert.deepEqual(JSON.parse(sent({ deep })), { deep });
});
