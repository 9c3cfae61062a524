'use strict';
// A context: a mona_stack, which never changes, as an object that tasks inherit through AsyncLocalStorage.

const native = require('./native.js');
const frame = require('./frame.js');
const { judge } = require('./error.js');
const { classSlot, timeSlot, putSlot, idSlot } = require('./slots.js');
const { STATUS } = require('./constants.js');

const { float, head, scope } = frame;

const ENTER = 0;
const ENTER_SUB = 1;
const LEAVE = 2;
const OPEN = 3;
const OPEN_SUB = 4;
const CLOSE_SUB = 5;
const RESET = 6;

// Only this module makes contexts.
const KEY = Symbol('context');

let addressOf;
let moveTo;

class Context {
  #address = 0;
  #client;

  constructor(key, client) {
    if (key !== KEY) throw new TypeError('contexts come from context() and sub()');
    this.#client = client;
  }

  static {
    addressOf = (context) => (context === undefined ? 0 : context.#address);
    moveTo = (context) => {
      context.#address = float[2];
    };
  }

  // The full id, "" where nothing is open: disabled, refused or closed.
  get id() {
    float[0] = this.#address;
    return native.id();
  }

  export(fields, timestamp) {
    return this.#client[EXPORT](this, fields, timestamp);
  }

  sub(arcClass, options, fn) {
    return this.#client[BLOCK](ENTER_SUB, this, arcClass, options, fn);
  }

  run(fn, ...args) {
    return this.#client[RUN](this, fn, args);
  }

  // Lets go of the context at once instead of when nobody can reach it any more; it is as one that is not open then.
  free() {
    if (this.#address !== 0) {
      this.#address = 0;
      native.free(this);
    }
  }
}

const EXPORT = Symbol('export');
const BLOCK = Symbol('block');
const RUN = Symbol('run');

// Moves from one context to another. The address of `from` is read when all code of the program has run.
//
// Gives {context, status, refusal, scope}; the context may be one with nothing open.
function move(what, client, address, from, arcClass, id, timestamp, leaving) {
  const classIn = classSlot(arcClass);
  const time = timeSlot(timestamp);
  const idIn = idSlot(id);
  const refusal = classIn.refusal ?? idIn.refusal;
  const saved = frame.save();
  frame.begin();
  putSlot(frame.TIME, time);
  // A class that libmona refuses stands for an id that it would.
  if (idIn.refusal) {
    frame.number(frame.CLASS, frame.BAD_TEXT, 0);
  } else {
    putSlot(frame.CLASS, classIn);
  }
  const context = new Context(KEY, client);
  if (leaving !== undefined) scope[0] = leaving;
  float[0] = addressOf(from);
  float[1] = address;
  native.move(what, context, idIn.text);
  moveTo(context);
  frame.restore(saved);
  const status = head[0];
  const isOurs = refusal !== undefined && (status === STATUS.JSON || status === STATUS.UTF8);
  return { context, status: isOurs ? refusal.status : status, refusal: isOurs ? refusal : undefined, scope: scope[0] };
}

// A context with nothing open. A new one each time: AsyncLocalStorage of Node 20 restores nothing behind a `run` with
// what is there already.
const nowhere = (client) => new Context(KEY, client);

const judgeMove = (moved) => judge(moved.status, moved.refusal);

module.exports = {
  Context,
  EXPORT,
  BLOCK,
  RUN,
  MOVES: { ENTER, ENTER_SUB, LEAVE, OPEN, OPEN_SUB, CLOSE_SUB, RESET },
  nowhere,
  addressOf: (context) => addressOf(context),
  move,
  judgeMove,
};
