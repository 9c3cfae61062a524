import mona = require('@monalabs/mona');

const accepted: boolean = mona.context('x', () => mona.export({ a: 1 }));
mona.close().then((ok: boolean) => ok && accepted);
