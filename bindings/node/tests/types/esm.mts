import mona, { export as send, context } from '@monalabs/mona';

const accepted: boolean = context('x', () => send({ a: 1 }));
mona.close().then((ok: boolean) => ok && accepted);
