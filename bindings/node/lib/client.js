'use strict';
// A client and its contexts. The contexts of a client are its own: what is open of one client is not open of another.

const { AsyncLocalStorage } = require('node:async_hooks');
const native = require('./native.js');
const frame = require('./frame.js');
const { judge, fail, MonaError } = require('./error.js');
const { Context, EXPORT, BLOCK, RUN, MOVES, nowhere, addressOf, move, judgeMove } = require('./context.js');
const { idSlot } = require('./slots.js');
const { optionList, milliseconds } = require('./options.js');
const { eventText } = require('./json.js');
const { batchText } = require('./batch.js');
const { attempt } = require('./refusal.js');
const { send } = require('./send.js');
const { drain } = require('./log.js');
const { STATUS } = require('./constants.js');

const { float, head } = frame;

const FLUSH = 0;
const CLOSE = 1;
const CHECK = 2;
// As long as an operator waits for a process that was asked to end.
const WAIT_MS = 5000;

const DEFAULT = Symbol('default');

function contextOptions(given) {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object') return given;
  throw new TypeError(`context: a value of type ${typeof given}, an object with id and timestamp is expected`);
}

class Client {
  // Storage, address and whether it is the default client: what send.js needs of a client.
  #origin = { storage: new AsyncLocalStorage(), isDefault: false, address: 0 };
  // The client lives as long as this object, and is closed when the thread or the process ends.
  #owner = null;

  constructor(options) {
    if (options === DEFAULT) {
      this.#origin.isDefault = true;
      return;
    }
    const list = optionList(options);
    this.#owner = {};
    native.create(this.#owner, list);
    if (head[0] !== STATUS.OK) fail(head[0]);
    this.#origin.address = float[1];
    native.exitWait(this.#owner, this.describe().exit_flush_ms.value);
    open.add(this);
  }

  // Names this client to the next call. One that makes anything before it uses the address gets the owner too.
  #here() {
    float[1] = this.#origin.address;
  }

  #move(what, from, arcClass, id, timestamp, leaving) {
    return move(what, this, this.#origin.address, from, arcClass, id, timestamp, leaving);
  }

  [EXPORT](context, fields, timestamp) {
    return send(this.#origin, context, fields, timestamp);
  }

  [RUN](context, fn, args) {
    return this.#origin.storage.run(context, fn, ...args);
  }

  [BLOCK](what, from, arcClass, options, fn) {
    const [given, body] = typeof options === 'function' ? [undefined, options] : [options, fn];
    const { id, timestamp } = contextOptions(given);
    if (body !== undefined && typeof body !== 'function') {
      throw new TypeError(`context: a value of type ${typeof body}, a function is expected`);
    }
    const moved = this.#move(what, from, arcClass, id, timestamp);
    judgeMove(moved);
    return body === undefined ? moved.context : this.#origin.storage.run(moved.context, body, moved.context);
  }

  context(arcClass, options, fn) {
    const hasBody = typeof options === 'function' || fn !== undefined;
    return this[BLOCK](MOVES.ENTER, hasBody ? this.current : undefined, arcClass, options, fn);
  }

  sub(arcClass, options, fn) {
    return this[BLOCK](MOVES.ENTER_SUB, this.current, arcClass, options, fn);
  }

  export(fields, timestamp) {
    return send(this.#origin, undefined, fields, timestamp);
  }

  exportBatch(events) {
    const [batch = { text: '0', hasMessage: false }, refusal] = attempt(() => batchText(events));
    const from = this.current;
    this.#here();
    float[0] = addressOf(from);
    const accepted = native.exportBatch(batch.text, from, this.#owner);
    const status = head[0];
    // Each event entered a context and left it: one without a block is lost by that, as it is to a thread.
    if (batch.hasMessage && addressOf(from) !== 0 && !native.isDisabled()) {
      const after = this.#move(MOVES.RESET, from);
      if (addressOf(after.context) === 0) this.#origin.storage.enterWith(undefined);
    }
    judge(status, status === STATUS.JSON ? refusal : undefined);
    return accepted;
  }

  get current() {
    return this.#origin.storage.getStore();
  }

  id() {
    return this.current?.id ?? '';
  }

  outside(fn, ...args) {
    return this.#origin.storage.run(nowhere(this), fn, ...args);
  }

  // Contexts without a block, for the rest of the running task.

  #go(moved) {
    const isOpen = addressOf(moved.context) !== 0;
    this.#origin.storage.enterWith(isOpen ? moved.context : undefined);
    return moved;
  }

  #entered(moved) {
    this.#go(moved);
    judgeMove(moved);
    return () => {
      this.#go(this.#move(MOVES.LEAVE, this.current, undefined, undefined, undefined, moved.scope));
    };
  }

  enter(arcClass, options) {
    const { id, timestamp } = contextOptions(options);
    return this.#entered(this.#move(MOVES.ENTER, this.current, arcClass, id, timestamp));
  }

  enterSub(arcClass, options) {
    const { id } = contextOptions(options);
    return this.#entered(this.#move(MOVES.ENTER_SUB, this.current, arcClass, id));
  }

  open(arcClass, options) {
    const { id, timestamp } = contextOptions(options);
    return judgeMove(this.#go(this.#move(MOVES.OPEN, this.current, arcClass, id, timestamp)));
  }

  openSub(arcClass, options) {
    const { id } = contextOptions(options);
    return judgeMove(this.#go(this.#move(MOVES.OPEN_SUB, this.current, arcClass, id)));
  }

  closeSub(id) {
    const { refusal } = idSlot(id);
    if (refusal) {
      this.#here();
      return native.isDisabled() || judge(refusal.status, refusal);
    }
    return judgeMove(this.#go(this.#move(MOVES.CLOSE_SUB, this.current, undefined, id)));
  }

  reset() {
    return judgeMove(this.#go(this.#move(MOVES.RESET, this.current)));
  }

  setGlobals(fields) {
    // What is no object libmona refuses, unless it is disabled.
    const [text = '0', refusal] = attempt(() => eventText(fields));
    this.#here();
    native.setGlobals(text, this.#owner);
    return judge(head[0], head[0] === STATUS.JSON ? refusal : undefined);
  }

  setDisabled(disabled) {
    if (typeof disabled !== 'boolean') throw new TypeError(`disabled: ${typeof disabled}, a boolean is expected`);
    this.#here();
    native.setDisabled(disabled);
    return judge(head[0]);
  }

  isDisabled() {
    this.#here();
    return native.isDisabled();
  }

  #waited([status, detail, report]) {
    drain();
    if (status !== STATUS.OK && status !== STATUS.TIMEOUT) judge(status, { sentence: detail });
    return { ok: status === STATUS.OK, report };
  }

  async #wait(what, timeout) {
    this.#here();
    return this.#waited(await native.wait(what, timeout, this.#owner));
  }

  #waitHere(what, timeout) {
    this.#here();
    return this.#waited(native.waitHere(what, timeout));
  }

  async flush(timeout = WAIT_MS) {
    return (await this.#wait(FLUSH, milliseconds(timeout))).ok;
  }

  flushSync(timeout = WAIT_MS) {
    return this.#waitHere(FLUSH, milliseconds(timeout)).ok;
  }

  async close(timeout = WAIT_MS) {
    const { ok } = await this.#wait(CLOSE, milliseconds(timeout));
    open.delete(this);
    return ok;
  }

  closeSync(timeout = WAIT_MS) {
    const { ok } = this.#waitHere(CLOSE, milliseconds(timeout));
    open.delete(this);
    return ok;
  }

  async check(timeout = WAIT_MS) {
    const wait = milliseconds(timeout);
    this.#here();
    const [status, detail, report] = await native.wait(CHECK, wait, this.#owner);
    drain();
    const steps = JSON.parse(report || '[]');
    const failed = steps.find((step) => !step.ok);
    const error = failed ? `${failed.step}: ${failed.error}` : status === STATUS.OK ? null : detail;
    return { ok: status === STATUS.OK, error, steps };
  }

  #report(text) {
    if (text === null) fail(head[0]);
    return JSON.parse(text);
  }

  stats() {
    this.#here();
    return this.#report(native.stats());
  }

  describe() {
    this.#here();
    return this.#report(native.describe());
  }

  takeText() {
    this.#here();
    const text = native.take();
    if (text === null && head[0] !== STATUS.NOT_FOUND) fail(head[0]);
    return text;
  }

  take() {
    const text = this.takeText();
    return text === null ? null : JSON.parse(text);
  }
}

// Clients are closed by their program, not by whoever collects garbage: what they hold is to be sent.
const open = new Set();

// Makes the default client of the process with these options. The first one counts: false where there is one already.
function init(options) {
  native.create(null, optionList(options));
  if (head[0] === STATUS.EXISTS) return false;
  if (head[0] !== STATUS.OK) fail(head[0]);
  return true;
}

module.exports = { Client, Context, MonaError, init, defaultClient: new Client(DEFAULT) };
