'use strict';
// What is thrown inside lib/ where a value cannot be sent; the program never sees it. No Error: nobody reads its trace.

class Refusal {
  // status: as libmona would answer. reason: what was found. key: the field, where it is known.
  constructor(status, reason, key, cause) {
    this.status = status;
    this.reason = reason;
    this.key = key;
    this.cause = cause;
  }

  get sentence() {
    const where = this.key === undefined ? 'event' : `field "${this.key.slice(0, 200)}"`;
    return `${where}: ${this.reason}, one that JSON can say is expected`;
  }
}

// What `make` gives, or why it refused: [value, refusal], one of them undefined. What else it throws goes on.
function attempt(make) {
  try {
    return [make(), undefined];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [undefined, error];
  }
}

module.exports = { Refusal, attempt };
