// A run of an algorithm, a step of it, and what they export. MONA_ENDPOINT says where to.

import * as mona from '@monalabs/mona';

await mona.context('image-classifier', async () => {
  mona.export({ country: 'IL', age: null, is_mobile: true });

  await mona.sub('resize', async () => {
    mona.export({ width: 640, milliseconds: 1.5 });
  });

  mona.export({ label: 'cat', confidence: 0.97, boxes: [[1, 2]] });
});

if (!(await mona.close(5000))) process.exitCode = 1;
