'use strict';
// What is thrown to the program, and whether: by default nothing that is wrong with an event is.

const native = require('./native.js');
const { STATUS } = require('./constants.js');

const CODES = new Map(Object.entries(STATUS).map(([name, number]) => [number, `MONA_E_${name}`]));

class MonaError extends Error {
  constructor(status, detail, cause, field) {
    super(detail || native.statusText(status), cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = CODES.get(status) ?? 'MONA_E';
    if (field !== undefined) this.field = field;
  }
}
// Not an own property, as with the errors of the language.
Object.defineProperty(MonaError.prototype, 'name', { value: 'MonaError', configurable: true, writable: true });

let raises = false;
let drain = () => {};

// True for OK. Otherwise false, or a MonaError where the program asked for errors. To be called right after the call
// that answered the status: the sentence is that of the thread's last failure.
function judge(status, refusal) {
  if (status === STATUS.OK) return true;
  const error = raises
    ? new MonaError(status, refusal?.sentence ?? native.lastError(), refusal?.cause, refusal?.key)
    : undefined;
  drain(refusal?.sentence);
  if (error) throw error;
  return false;
}

module.exports = {
  MonaError,
  judge,
  fail: (status) => {
    const error = new MonaError(status, native.lastError());
    drain();
    throw error;
  },
  raising: () => raises,
  raiseErrors(wanted = true) {
    const before = raises;
    raises = Boolean(wanted);
    return before;
  },
  // lib/log.js takes the lines that a refusal wrote.
  drainWith(take) {
    drain = take;
  },
};
