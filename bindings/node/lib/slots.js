'use strict';
// Timestamps and ARC classes: any value of JavaScript as what a slot of the frame holds. They are made before the frame
// is touched, because making them may run code of the program.

const frame = require('./frame.js');
const { json } = require('./json.js');
const { KIND, STATUS } = require('./constants.js');
const { Float } = require('./float.js');
const { Refusal } = require('./refusal.js');
const { wellFormed } = require('./text.js');

// A longer text is no time and no name. Two of them fit into the frame, at three bytes for each unit.
const LONGEST = 10_000;

const none = { kind: 0, value: 0 };
const words = (kind, value) => ({ kind, value });
const number = (value) => ({ kind: frame.NUMBER, value });

// The text form of what JSON cannot say, as the record reports it.
function shown(value) {
  let text;
  try {
    text = String(value);
  } catch {
    text = '?';
  }
  text = text.slice(0, LONGEST);
  return words(KIND.STR, wellFormed(text) ? text : '?');
}

// Seconds since 1970, or a Date. Anything else is sent as it is: libmona reports it in the record and takes the time of
// now.
function timeSlot(value) {
  switch (typeof value) {
    case 'undefined':
      return none;
    case 'number':
      return number(value);
    case 'boolean':
      return number(value ? 1 : 0);
    case 'string':
      return shown(value);
    default:
      if (value === null) return none;
      try {
        if (value instanceof Float) return number(value.value);
        if (value instanceof Date) return number(value.getTime() / 1000);
        const text = json(value);
        return text === undefined || text.length > LONGEST ? shown(value) : words(KIND.JSON, text);
      } catch {
        return shown(value);
      }
  }
}

// A text; other kinds go out as they are. A Refusal is kept beside a slot that libmona refuses too.
function classSlot(value) {
  switch (typeof value) {
    case 'undefined':
      return none;
    case 'number':
      return number(value);
    case 'boolean':
      return { kind: KIND.BOOL, value: value ? 1 : 0 };
    case 'string':
      if (value.length > LONGEST) return bad(new Refusal(STATUS.LIMIT, 'a text that is too long', 'arc_class'));
      if (wellFormed(value)) return words(KIND.STR, value);
      return bad(new Refusal(STATUS.UTF8, 'text with a lone surrogate', 'arc_class'));
    default:
      if (value === null) return none;
      try {
        const text = json(value, 'arc_class');
        if (text === undefined) return none;
        if (text.length <= LONGEST) return words(KIND.JSON, text);
        return bad(new Refusal(STATUS.LIMIT, 'a value that is too long', 'arc_class'));
      } catch (refusal) {
        return bad(refusal);
      }
  }
}

function bad(refusal) {
  return refusal.status === STATUS.UTF8
    ? { kind: frame.BAD_TEXT, value: 0, refusal }
    : { kind: KIND.JSON, value: '?', refusal };
}

// Writes a slot behind the texts that are in the frame.
function putSlot(place, slot) {
  if (typeof slot.value === 'string') {
    frame.put(place, slot.kind, slot.value);
  } else {
    frame.number(place, slot.kind, slot.value);
  }
}

// An id as {text, refusal}; text null for a new one.
function idSlot(value) {
  switch (typeof value) {
    case 'undefined':
      return { text: null };
    case 'number':
    case 'bigint':
    case 'boolean':
      return { text: String(value) };
    case 'string':
      if (wellFormed(value)) return { text: value };
      return { text: null, refusal: new Refusal(STATUS.UTF8, 'text with a lone surrogate', 'id') };
    default:
      if (value === null) return { text: null };
      return { text: null, refusal: new Refusal(STATUS.JSON, `a value of type ${typeof value}`, 'id') };
  }
}

module.exports = { timeSlot, classSlot, putSlot, idSlot };
