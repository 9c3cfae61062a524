// What a program may write and what its compiler refuses. Compiled with --strict, never run.

import * as mona from '@monalabs/mona';
import type { BatchEvent, Check, Context, Moment, Options, Stats } from '@monalabs/mona';

interface Score {
  score: number;
  label?: string;
  parts: readonly { name: string; weight: number }[];
}

const options: Options = {
  endpoint: ['tls://a:1', 'tls://b:1'],
  useSsl: 'auto',
  queueBytes: 1 << 20,
  compress: 'gzip',
};
const first: boolean = mona.init(options);

const score: Score = { score: 0.9, parts: [{ name: 'a', weight: 1 }] };
const accepted: boolean = mona.export(score);
mona.export({ when: new Date(), big: 1n, none: null, left: undefined, f: mona.float(1) }, new Date());
mona.export({ map: new Map([['a', 1]]), vector: new Float32Array(3), url: new URL('http://a/') }, 1500000000);
mona.export(new Map([['a', 1]]));
declare const anything: any;
declare const unknown: Record<string, unknown>;
mona.export(anything);
mona.export(unknown);

const number: Promise<number> = mona.context('ranker', async () => 1);
const text: string = mona.context('ranker', { id: 'x', timestamp: new Date() }, (context) => context.id);
const run: Context = mona.context('ranker');
const step: Context = run.sub('step', { id: 1 });
const sum: number = step.run((a: number, b: number) => a + b, 1, 2);
const leave: () => void = mona.enter(null);
const moment: Moment = Date.now() / 1000;
const events: BatchEvent[] = [{ message: { a: 1 }, arcClass: 'x', timestamp: moment }];
const many: number = mona.exportBatch(events);

async function report(): Promise<void> {
  const stats: Stats = mona.stats();
  const check: Check = await mona.check();
  const delivered: boolean = await mona.flush(1000);
  const port: unknown = mona.describe().port.value;
  console.log(stats.accepted, check.error, delivered, port, mona.take()?.message['a']);
}

const client = new mona.Client({ userId: 'u' });
client.context('x', (context) => context.export({ a: 1 }));
const status: 0 = mona.STATUS.OK;
mona.onLog((level, line) => console.log(level >= mona.LOG.WARNING, line.length));

try {
  mona.init();
} catch (error) {
  if (error instanceof mona.MonaError && error.code === 'MONA_E_ARGUMENT') console.log(error.status, error.field);
}

// @ts-expect-error
mona.export({ bad: Symbol('x') });
// @ts-expect-error
mona.export({ bad: () => 1 });
// @ts-expect-error
mona.export({ deep: [{ bad: new Set([1]) }] });
// @ts-expect-error
mona.export({ bad: Promise.resolve(1) });
// @ts-expect-error
mona.export({ bad: new DataView(new ArrayBuffer(1)) });
// @ts-expect-error
mona.export({ bad: new ArrayBuffer(1) });
declare const buffer: Uint8Array & { readInt16LE(offset?: number): number; toJSON(): unknown };
// @ts-expect-error
mona.export({ bad: buffer });
// A method is a function to the compiler, wherever it stands; a copy has the fields alone.
class Row {
  constructor(
    public score: number,
    private count = 1,
  ) {}
  mean() {
    return this.score / this.count;
  }
}
mona.export({ ...new Row(1) });
// @ts-expect-error
mona.export(new Row(1));
// @ts-expect-error
mona.export(5);
// @ts-expect-error
mona.export({ a: 1 }, 'now');
// @ts-expect-error
mona.init({ nosuch: 1 });
// @ts-expect-error
mona.init({ compress: 'zip' });
// @ts-expect-error
mona.context('x', { nosuch: 1 }, () => 1);
// @ts-expect-error
new mona.Context();
// @ts-expect-error
mona.STATUS.OK = 1;
// @ts-expect-error
mona.describe().nosuch;

export { accepted, client, first, leave, many, number, report, run, status, step, sum, text };
