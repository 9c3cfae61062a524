'use strict';
// What the calling thread has had of a processor, in nanoseconds: other programs on the machine do not count.
//
// Linux counts it up at each tick, a few milliseconds apart, so what is measured takes tens of them.

const fs = require('node:fs');

const FILE = '/proc/thread-self/schedstat';

const cpuTime = fs.existsSync(FILE)
  ? () => Number(fs.readFileSync(FILE, 'utf8').split(' ')[0])
  : () => Number(process.hrtime.bigint());

module.exports = { cpuTime };
