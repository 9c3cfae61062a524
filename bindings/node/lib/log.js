'use strict';
// The lines of libmona's log, for a function of the program.
//
// libmona never calls into JavaScript: lines wait there, the last 256 of the process, and are taken by a timer that
// keeps no process alive, after calls that failed, at flush and close and when the process ends.

const native = require('./native.js');
const { drainWith } = require('./error.js');
const { LOG } = require('./constants.js');

// Lines are for people; a second later is as good.
const POLL_MS = 1000;
// What a handler writes into the log by its own calls is not an endless loop.
const MOST = 256;

// As libmona repeats its own warnings: the same one once a minute.
const REPEAT_MS = 60_000;
// Sentences that are remembered; a program has few fields that it fills wrongly.
const SENTENCES = 100;

let handler = null;
let timer = null;
let isBusy = false;

function call(level, line) {
  isBusy = true;
  try {
    handler(level, line);
  } catch (error) {
    // Not into whatever call happened to find the line.
    onLog(null);
    process.emitWarning(`the log handler of @monalabs/mona threw and is gone: ${error?.stack ?? error}`);
  } finally {
    isBusy = false;
  }
}

function drain() {
  if (isBusy) return;
  for (let taken = 0; taken < MOST && handler !== null; taken++) {
    const line = native.logTake();
    if (line === null) break;
    call(line[0], line[1]);
  }
}

const said = new Map();

// What was found in a value that libmona was asked to refuse: more exact than the line of libmona, which follows.
function tell(sentence) {
  if (handler === null || isBusy) return;
  const now = Date.now();
  if (now - (said.get(sentence) ?? -Infinity) < REPEAT_MS) return;
  if (said.size === SENTENCES) said.clear();
  said.set(sentence, now);
  call(LOG.WARNING, `refused: ${sentence}`);
}

// Takes what waits; the sentence goes before it.
function drainAfter(sentence) {
  if (sentence !== undefined) tell(sentence);
  drain();
}

drainWith(drainAfter);

// Sets the function that gets the lines, or null for none. The function before comes back.
function onLog(wanted) {
  if (wanted !== null && typeof wanted !== 'function') {
    throw new TypeError(`log handler: ${typeof wanted}, a function or null is expected`);
  }
  const before = handler;
  handler = wanted;
  if (timer !== null) clearInterval(timer);
  timer = wanted === null ? null : setInterval(drain, POLL_MS).unref();
  return before;
}

module.exports = { onLog, drain };
