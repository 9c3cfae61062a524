// 100 events in one call, each in a context of its own.

import * as mona from '@monalabs/mona';

// What the library has to say, such as why nothing arrives.
mona.onLog((level, line) => console.error(line));

const events = Array.from({ length: 100 }, (_, position) => ({ arcClass: 'ranker', message: { position } }));

const accepted = mona.exportBatch(events);
console.error(`${accepted} of ${events.length} events were accepted`);

if (!(await mona.close(5000))) process.exitCode = 1;
