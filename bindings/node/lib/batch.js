'use strict';
// A batch as JSON text: an iterable of {message, arcClass, contextId, timestamp}, or the names of Mona's records.

const { json, eventText } = require('./json.js');
const { Refusal } = require('./refusal.js');
const { STATUS } = require('./constants.js');
const { KIND } = require('./constants.js');
const { timeSlot } = require('./slots.js');
const frame = require('./frame.js');

function timeText(value) {
  const slot = timeSlot(value);
  if (slot.kind === KIND.STR) return json(slot.value);
  return slot.kind === frame.NUMBER ? json(slot.value) : String(slot.value);
}

// The text of a member, undefined where it is missing. What cannot be said is what libmona refuses: "0" is no message.
function member(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return '0';
    throw error;
  }
}

function text(event) {
  if (event === null || typeof event !== 'object') return '{}';
  const { message, arcClass = event.arc_class, contextId = event.context_id } = event;
  const { timestamp = event.export_timestamp } = event;
  const parts = [];
  if (message !== undefined) parts.push(`"message":${member(() => eventText(message))}`);
  if (arcClass !== undefined) parts.push(`"arc_class":${member(() => json(arcClass)) ?? 'null'}`);
  if (contextId !== undefined && contextId !== null) parts.push(`"context_id":${member(() => json(String(contextId)))}`);
  if (timestamp !== undefined && timestamp !== null) parts.push(`"export_timestamp":${timeText(timestamp)}`);
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
    hasMessage ||= event?.message !== undefined;
    parts.push(text(event));
  }
  return { text: `[${parts.join(',')}]`, hasMessage };
}

module.exports = { batchText };
