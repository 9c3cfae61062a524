'use strict';
// A batch as JSON text: an iterable of {message, arcClass, contextId, timestamp}, or the names of Mona's records.

const { json, eventText } = require('./json.js');
const { Refusal } = require('./refusal.js');
const { STATUS, KIND } = require('./constants.js');
const { timeSlot, idSlot } = require('./slots.js');
const frame = require('./frame.js');

function timeText(value) {
  const slot = timeSlot(value);
  if (slot.kind === KIND.STR) return json(slot.value);
  return slot.kind === frame.NUMBER ? json(slot.value) : String(slot.value);
}

// One event as libmona takes it. Where anything of it cannot be said its message is "0", which libmona refuses; an event
// that is none has no message.
function text(event) {
  const parts = [];
  try {
    const { message, arcClass = event.arc_class, contextId = event.context_id } = event;
    const { timestamp = event.export_timestamp } = event;
    if (message === undefined) return '{}';
    const id = idSlot(contextId);
    if (id.text !== null) parts.push(`"context_id":${json(id.text)}`);
    if (timestamp !== undefined && timestamp !== null) parts.push(`"export_timestamp":${timeText(timestamp)}`);
    if (arcClass !== undefined) parts.push(`"arc_class":${json(arcClass) ?? 'null'}`);
    if (id.refusal) throw id.refusal;
    parts.push(`"message":${eventText(message)}`);
  } catch {
    parts.push('"message":0');
  }
  return `{${parts.join(',')}}`;
}

// Throws a Refusal where there is nothing to iterate over.
function batchText(events) {
  if (events === null || typeof events !== 'object' || typeof events[Symbol.iterator] !== 'function') {
    throw new Refusal(STATUS.JSON, `a batch of type ${typeof events} instead of an array`);
  }
  const parts = [];
  let hasMessage = false;
  for (const event of events) {
    const words = text(event);
    hasMessage ||= words !== '{}';
    parts.push(words);
  }
  return { text: `[${parts.join(',')}]`, hasMessage };
}

module.exports = { batchText };
