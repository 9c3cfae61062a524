'use strict';
// Timestamps and ARC classes: any value of JavaScript as what a slot of the frame holds. They are made before the frame
// is touched, because making them may run code of the program.

const frame = require('./frame.js');
const { json } = require('./json.js');
const { KIND, STATUS } = require('./constants.js');
const { Float } = require('./float.js');
const { Refusal } = require('./refusal.js');
const { wellFormed } = require('./text.js');

// A longer text is no time and no name.
const LONGEST = 16384;

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
      if (value instanceof Float) return number(value.value);
      if (value instanceof Date) return number(value.getTime() / 1000);
      try {
        const text = json(value);
        return text === undefined || text.length > LONGEST ? shown(value) : words(KIND.JSON, text);
      } catch {
        return shown(value);
      }
  }
}

// A text; other kinds go out as they are. A Refusal is kept beside a slot that libmona refuses too, for the same reason.
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

// An id as text, or null for a new one; undefined for a text that is no Unicode.
function idText(value) {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'symbol' ? '' : String(value);
  return wellFormed(text) ? text : undefined;
}

module.exports = { timeSlot, classSlot, putSlot, idText };
