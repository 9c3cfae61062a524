'use strict';
// A burst of 200 000 events to a real collector: what each costs its caller, and how many are lost.
//
//     burst.js SUBJECT        SUBJECT: mona, mona-sized, fluent, fluent-ack, each with -exit behind it too
//
// MONA_COLLECTOR names the collector, whose lines are counted when it has ended. A subject runs in a process of its own:
// it waits until all is sent, or with -exit calls process.exit() right behind the burst.

const { fork, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { cpuTime } = require('./clock.js');

const EVENTS = 200_000;
// Only ends a hang.
const LIMIT_MS = 120_000;

const event = (n) => ({
  model: 'resnet50-v3',
  confidence: 0.9 + (n & 1023) * 1e-5,
  latency_ms: 12.5 + (n & 63),
  label: 'cat',
  batch: n,
  country: 'IL',
  is_mobile: true,
});

const SUBJECTS = {
  // All defaults: a queue of 8 MiB that makes room for the newest.
  mona: (port) => libmona(port, {}),
  // A queue with room for the burst, and time to send it at an exit.
  'mona-sized': (port) => libmona(port, { queueBytes: 1 << 28, queueSize: 1_000_000, exitFlushMs: 60_000 }),
  // All defaults: no ack, a queue without a bound.
  fluent: (port) => fluent(port, {}),
  'fluent-ack': (port) => fluent(port, { ack: {} }),
};

let isExit = false;

function report(ns, said) {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  process.send({ ns: Math.round(ns / EVENTS), megabytes, said }, () => process.exit(0));
}

async function libmona(port, options) {
  const mona = require('@monalabs/mona');
  mona.init({ endpoint: `tcp://127.0.0.1:${port}`, ...options });
  return mona.context('burst', async () => {
    const begin = cpuTime();
    for (let n = 0; n < EVENTS; n++) mona.export(event(n));
    const ns = cpuTime() - begin;
    if (!isExit) await mona.close(LIMIT_MS);
    report(ns, mona.stats());
  });
}

async function fluent(port, options) {
  const { FluentClient } = require('@fluent-org/logger');
  const client = new FluentClient('mona.client', { socket: { host: '127.0.0.1', port, timeout: 3000 }, ...options });
  let failed = 0;
  const waiting = [];
  const begin = cpuTime();
  for (let n = 0; n < EVENTS; n++) waiting.push(client.emit('message', event(n)).catch(() => failed++));
  const ns = cpuTime() - begin;
  if (isExit) return report(ns, {});
  const all = Promise.all(waiting).then(() => 'settled');
  const how = await Promise.race([all, sleep(LIMIT_MS, 'not settled', { ref: false })]);
  await Promise.race([client.shutdown(), sleep(5000, null, { ref: false })]);
  return report(ns, { failed, how });
}

async function collector(folder) {
  const file = path.join(folder, 'address');
  const out = path.join(folder, 'records.ndjson');
  const args = ['--forward', '127.0.0.1:0', '--port-file', file, '--out', out];
  const child = spawn(process.env.MONA_COLLECTOR, args, { stdio: 'ignore' });
  for (let turn = 0; turn < 3000 && !(fs.existsSync(file) && fs.readFileSync(file, 'utf8').endsWith('\n')); turn++)
    await sleep(20);
  return { child, out, port: Number(fs.readFileSync(file, 'utf8').trim().split(/[:\s]/)[1]) };
}

async function arrived(out) {
  const seen = new Set();
  for await (const line of readline.createInterface({ input: fs.createReadStream(out) })) {
    const found = /"batch":(\d+)/.exec(line);
    if (found) seen.add(found[1]);
  }
  return seen.size;
}

async function main(subject) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mona-'));
  try {
    const { child, out, port } = await collector(folder);
    const program = fork(__filename, ['run', subject, String(port)]);
    const [[{ ns, megabytes, said }]] = await Promise.all([once(program, 'message'), once(program, 'exit')]);
    await sleep(500);
    child.kill('SIGTERM');
    await once(child, 'exit');
    console.error(`${subject}: ${JSON.stringify(said)}`);
    console.log(`node\tburst, ${subject}\t${ns}\tns`);
    console.log(`node\tburst, ${subject}\t${EVENTS - (await arrived(out))}\tlost of ${EVENTS}`);
    console.log(`node\tburst, ${subject}\t${megabytes}\tMB of memory`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const [what, subject, port] = process.argv.slice(2);
if (what === 'run') {
  isExit = subject.endsWith('-exit');
  SUBJECTS[subject.replace('-exit', '')](Number(port));
} else {
  main(what);
}
