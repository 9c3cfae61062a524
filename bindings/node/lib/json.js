'use strict';
// Values as JSON text, by the rules that README.md lists: as JSON.stringify where that loses nothing, and a refusal
// where it would.
//
// Containers that are open stand in a list, so no depth of a value grows the stack of calls.

const { types } = require('node:util');
const { Refusal } = require('./refusal.js');
const { STATUS, DEEPEST, LARGEST_EVENT } = require('./constants.js');
const { wellFormed } = require('./text.js');
const { Float, floatText } = require('./float.js');

// No byte of an event takes more than six of JSON. libmona refuses what is too large or too deep for the client; here
// only that is stopped which is too much for any.
const LENGTH = 6 * LARGEST_EVENT;
// Whole numbers beyond are floats in JavaScript, and their digits would be read as a whole number again. As in
// native/send.c: where a number stands in an event does not change its type.
const EXACT = 2 ** 53;
// From here on JavaScript writes numbers with an exponent.
const EXPONENT = 1e21;
const I64_LEAST = -(2n ** 63n);
const U64_END = 2n ** 64n;

const PLAIN = /^[^"\\\u0000-\u001f\ud800-\udfff]*$/;

function quote(text) {
  if (text.length > LENGTH) throw new Refusal(STATUS.LIMIT, 'a text that is too long');
  if (PLAIN.test(text)) return `"${text}"`;
  if (wellFormed(text)) return JSON.stringify(text);
  throw new Refusal(STATUS.UTF8, 'text with a lone surrogate');
}

// NaN and the infinities as bare words, which libmona takes: its option nonfinite says what becomes of them.
function number(value) {
  const isLarge = (value > EXACT || value < -EXACT) && Math.abs(value) < EXPONENT;
  return isLarge ? `${value}.0` : `${value}`;
}

function bigint(value) {
  if (value >= I64_LEAST && value < U64_END) return String(value);
  throw new Refusal(STATUS.JSON, 'a BigInt beyond 64 bits');
}

// A class of values that JSON.stringify writes as {} or as something that nobody means, or undefined.
function unsayable(value) {
  if (ArrayBuffer.isView(value)) {
    if (Buffer.isBuffer(value)) return 'a Buffer';
    return types.isDataView(value) ? 'a DataView' : undefined;
  }
  if (types.isAnyArrayBuffer(value)) return 'an ArrayBuffer';
  if (types.isSet(value)) return 'a Set';
  if (types.isPromise(value)) return 'a Promise';
  if (types.isRegExp(value)) return 'a RegExp';
  if (types.isNativeError(value)) return 'an Error';
  if (types.isWeakMap(value) || types.isWeakSet(value)) return 'a weak collection';
  if (types.isGeneratorObject(value) || types.isMapIterator(value) || types.isSetIterator(value)) return 'an iterator';
  return undefined;
}

// What is sent for an object: what toJSON gives, the value in a box, or the object itself.
function plain(value, key) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) {
    const what = unsayable(value);
    if (what !== undefined) throw new Refusal(STATUS.JSON, what);
  }
  if (typeof value.toJSON === 'function') return value.toJSON(String(key));
  return prototype !== Object.prototype && types.isBoxedPrimitive(value) ? value.valueOf() : value;
}

// A key of a Map as JSON has it.
function keyText(key) {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean' || typeof key === 'bigint' || key === null)
    return String(key);
  throw new Refusal(STATUS.JSON, `a key of type ${typeof key}`);
}

// A list of numbers, plain texts, booleans and null, which most lists are; undefined for all others.
function scalars(list) {
  if (Object.getPrototypeOf(list) !== Array.prototype || list.toJSON !== undefined) return undefined;
  let out = '[';
  for (let place = 0; place < list.length; place++) {
    const value = list[place];
    if (place > 0) out += ',';
    if (typeof value === 'number') {
      out += number(value);
    } else if (typeof value === 'string' && value.length <= LENGTH && PLAIN.test(value)) {
      out += `"${value}"`;
    } else if (typeof value === 'boolean' || value === null) {
      out += value;
    } else {
      return undefined;
    }
    if (out.length > LENGTH) return undefined;
  }
  return `${out}]`;
}

// Containers that are open are looked through up to this depth, and kept in a set beyond.
const SHALLOW = 16;

const ARRAY = 0;
const OBJECT = 1;
const MAP = 2;

class Writer {
  constructor() {
    this.out = '';
    this.open = [];
    this.inside = undefined; // the open containers as a set, once there are many
    this.top = undefined; // the field of the event that is written
  }

  contains(value) {
    if (this.inside !== undefined) return this.inside.has(value);
    if (this.open.length === SHALLOW) this.inside = new Set(this.open.map((level) => level.value));
    return this.open.some((level) => level.value === value);
  }

  push(value) {
    if (this.open.length > DEEPEST) throw new Refusal(STATUS.LIMIT, 'a value that is nested too deep');
    if (this.contains(value)) throw new Refusal(STATUS.JSON, 'a value that contains itself');
    this.inside?.add(value);
    const isMap = types.isMap(value);
    if (isMap || !(Array.isArray(value) || ArrayBuffer.isView(value))) {
      const items = isMap ? [...value] : Object.keys(value);
      this.open.push({ value, items, form: isMap ? MAP : OBJECT, at: 0, any: false });
      this.out += '{';
    } else {
      this.open.push({ value, items: value, form: ARRAY, at: 0, any: false });
      this.out += '[';
    }
  }

  // Writes a scalar whole, and of a container the beginning. False for undefined, which is written by nobody.
  begin(given, key) {
    let value = given;
    if (typeof value === 'object' && value !== null) {
      if (value instanceof Float) return floatText(value);
      value = plain(value, key);
      if (typeof value === 'object' && value !== null && value !== given) {
        // What toJSON gave is not asked again, but it may be a Set or a box too.
        const what = unsayable(value);
        if (what !== undefined) throw new Refusal(STATUS.JSON, what);
        if (types.isBoxedPrimitive(value)) value = value.valueOf();
      }
    }
    switch (typeof value) {
      case 'undefined':
        return undefined;
      case 'number':
        return number(value);
      case 'string':
        return quote(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'bigint':
        return bigint(value);
      case 'object':
        return value === null ? 'null' : value;
      default:
        throw new Refusal(STATUS.JSON, `a value of type ${typeof value}`);
    }
  }

  // Writes the members of the innermost container, up to one that is a container too or to the end.
  members(level) {
    const { items, form } = level;
    while (level.at < items.length) {
      const place = level.at++;
      let key;
      let value;
      if (form === ARRAY) {
        value = items[place];
      } else {
        key = form === MAP ? keyText(items[place][0]) : items[place];
        if (this.open.length === 1) this.top = key;
        value = form === MAP ? items[place][1] : level.value[key];
      }
      let words =
        typeof value === 'number'
          ? number(value)
          : ((Array.isArray(value) ? scalars(value) : undefined) ?? this.begin(value, form === ARRAY ? place : key));
      if (words === undefined) {
        if (form !== ARRAY) continue;
        words = 'null';
      }
      if (level.any) this.out += ',';
      level.any = true;
      if (form !== ARRAY) this.out += `${quote(key)}:`;
      if (typeof words !== 'string') return words;
      this.out += words;
      if (this.out.length > LENGTH) throw new Refusal(STATUS.LIMIT, 'an event that is too large');
    }
    return undefined;
  }

  write(root) {
    this.push(root);
    while (this.open.length > 0) {
      const level = this.open[this.open.length - 1];
      const inner = this.members(level);
      if (inner !== undefined) {
        this.push(inner);
      } else {
        this.out += level.form === ARRAY ? ']' : '}';
        this.inside?.delete(level.value);
        this.open.pop();
      }
    }
    return this.out;
  }
}

const explain = (error, key) =>
  error instanceof Refusal
    ? new Refusal(error.status, error.reason, error.key ?? key, error.cause)
    : new Refusal(STATUS.JSON, 'a value that throws when it is read', key, error);

// One value as JSON text, undefined for undefined. Throws nothing but a Refusal.
function json(value, key) {
  try {
    const list = Array.isArray(value) ? scalars(value) : undefined;
    if (list !== undefined) return list;
    const writer = new Writer();
    const words = writer.begin(value, key ?? '');
    return typeof words === 'object' ? writer.write(words) : words;
  } catch (error) {
    throw explain(error, key);
  }
}

// What a program gives that is no event.
function nameOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

// An event as JSON text. Throws nothing but a Refusal, which names the field.
function eventText(fields) {
  const writer = new Writer();
  try {
    const words = typeof fields === 'object' ? writer.begin(fields, '') : fields;
    if (typeof words !== 'object' || Array.isArray(words) || ArrayBuffer.isView(words)) {
      throw new Refusal(STATUS.JSON, `${nameOf(fields)} instead of an object`);
    }
    return writer.write(words);
  } catch (error) {
    throw explain(error, writer.top);
  }
}

module.exports = { json, eventText };
