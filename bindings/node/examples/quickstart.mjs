// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.

import * as mona from '@monalabs/mona';

// What the library has to say, such as why nothing arrives.
mona.onLog((level, line) => console.error(line));

await mona.context('image-classifier', async () => {
  mona.export({ country: 'IL', age: null, is_mobile: true });

  await mona.sub('resize', async () => {
    mona.export({ width: 640, milliseconds: 1.5 });
  });

  mona.export({ label: 'cat', confidence: 0.97, boxes: [[1, 2]] });
});

// Waits until the collector has it, for two seconds at most.
if (!(await mona.close(2000))) {
  console.error('not everything was delivered');
  process.exitCode = 1;
}
