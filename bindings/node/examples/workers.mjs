// 4 worker threads, each with a run of its own. All of them use the client of the process.

import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { once } from 'node:events';
import * as mona from '@monalabs/mona';

const ITEMS = [3, 1, 4];

async function rank(request) {
  await mona.context('ranker', { id: `request-${request}` }, async () => {
    let best = 0;
    await mona.sub('scoring', { id: 'scoring' }, async () => {
      for (const item of ITEMS) {
        const score = item / 100;
        mona.export({ item, score });
        best = Math.max(best, score);
      }
    });
    mona.export({ best });
  });
}

if (isMainThread) {
  // What the library has to say, such as why nothing arrives; one thread asks for it.
  mona.onLog((level, line) => console.error(line));
  const workers = [0, 1, 2, 3].map((request) => new Worker(new URL(import.meta.url), { workerData: request }));
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  if (!(await mona.close(5000))) process.exitCode = 1;
} else {
  await rank(workerData);
}
