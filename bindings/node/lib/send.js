'use strict';
// One event: through the frame where it is flat and small, as JSON text otherwise, and what becomes of a bad one.

const native = require('./native.js');
const frame = require('./frame.js');
const { eventText } = require('./json.js');
const { judge } = require('./error.js');
const { attempt } = require('./refusal.js');
const { timeSlot, putSlot } = require('./slots.js');
const { addressOf } = require('./context.js');
const { STATUS } = require('./constants.js');

const { float, head, TIME } = frame;

// What was accepted: true. Skipped on purpose: false. Refused: false, or an error.
function answer(refusal) {
  if (head[0] === STATUS.OK) return head[1] === 1;
  // A refused field is refused by libmona as text that is no JSON; what the binding found is more exact.
  const isOurs = refusal !== undefined && (head[0] === STATUS.JSON || head[0] === STATUS.UTF8);
  return judge(isOurs ? refusal.status : head[0], isOurs ? refusal : undefined);
}

// The address is read when all code of the program has run, so that nothing of it can let the context go before the
// call. A call that makes anything before it uses the address gets the context too, which keeps it.
function aim(origin, context) {
  float[0] = addressOf(context);
  return float[0] !== 0 || origin.isDefault;
}

// The empty stack has the default client, so an event of another one has nowhere to go.
function nowhere(origin) {
  float[1] = origin.address;
  return native.isDisabled()
    ? false
    : judge(STATUS.NO_CONTEXT, { sentence: 'event: no context of this client is open' });
}

function slow(origin, given, fields, timestamp) {
  const time = timeSlot(timestamp);
  const [text, refusal] = attempt(() => eventText(fields));
  const context = given ?? origin.storage.getStore();
  if (!aim(origin, context)) return nowhere(origin);
  const saved = frame.save();
  frame.begin();
  if (refusal?.key !== undefined) {
    frame.none(TIME);
    frame.bad(refusal.key, refusal.status === STATUS.UTF8);
    native.send();
  } else {
    putSlot(TIME, time);
    native.sendJson(text ?? '0', context);
  }
  frame.restore(saved);
  return answer(refusal);
}

// Exports into a context, or without one into that of the running task. `origin` is the client: its storage, whether
// it is the default one, its address.
function send(origin, context, fields, timestamp) {
  if ((timestamp !== undefined && typeof timestamp !== 'number') || !frame.event(fields)) {
    return slow(origin, context, fields, timestamp);
  }
  if (timestamp === undefined) {
    frame.none(TIME);
  } else {
    frame.number(TIME, frame.NUMBER, timestamp);
  }
  if (!aim(origin, context ?? origin.storage.getStore())) return nowhere(origin);
  native.send();
  return answer();
}

module.exports = { send };
