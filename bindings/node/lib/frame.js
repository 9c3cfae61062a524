'use strict';
// The frame: how an event crosses to the addon without a call for each of its values (native/frame.h).
//
// Owns the memory and the trie of keys that were seen. Code of the program runs only while an event is written, its
// getters and toJSON, and such code may export too: `save` and `restore` keep what was written so far.

const native = require('./native.js');
const { Refusal } = require('./refusal.js');
const { STATUS, KIND } = require('./constants.js');
const { wellFormed, write } = require('./text.js');
const { json } = require('./json.js');
const { Float } = require('./float.js');

const { layout } = native;
const FIELDS = 64;
const TIME = FIELDS;
const CLASS = FIELDS + 1;
const SLOTS = FIELDS + 2;
const NUMBER = 8;
const BAD_TEXT = 9;
const TEXT_BYTES = 65536;

const float = new Float64Array(native.frame, 0, 3);
const scope = new BigUint64Array(native.frame, layout.scope, 1);
const head = new Int32Array(native.frame, layout.status, 4);
const values = new Float64Array(native.frame, layout.value, SLOTS);
const kinds = new Int32Array(native.frame, layout.kind, SLOTS);
const lengths = new Int32Array(native.frame, layout.length, SLOTS);
const keyLengths = new Int32Array(native.frame, layout.keyLength, SLOTS);
const text = Buffer.from(native.frame, layout.text, TEXT_BYTES);

const is = (name, wanted) => {
  if (layout[name] !== wanted) throw new Error(`the addon has ${name} ${layout[name]}, ${wanted} is expected`);
};
is('fields', FIELDS);
is('stack', 0);
is('client', 8);
is('to', 16);
is('taken', layout.status + 4);
is('count', layout.status + 8);
is('shape', layout.status + 12);
is('textBytes', TEXT_BYTES);

// Keys in the order of an event lead from the root to a node, which knows the interned list. Programs have few such
// lists; one that makes keys up comes to this limit, and its events carry their keys from then on.
const NODES = 8192;
// What is kept of a program that makes keys up is bounded by this, too.
const LONGEST_KEY = 256;
let nodes = 0;
let shapes = 0;

class Node {
  constructor(key, parent) {
    this.key = key;
    this.parent = parent;
    this.shape = -2; // not interned yet
    this.onlyKey = undefined;
    this.only = undefined;
    this.others = undefined;
    this.wellFormed = key === undefined || wellFormed(key);
  }

  // The node behind this one for a key, or undefined where there is no room for it.
  grow(key) {
    const known = this.others?.get(key);
    if (known) return known;
    if (nodes === NODES || key.length > LONGEST_KEY) return undefined;
    nodes++;
    const child = new Node(key, this);
    if (this.only === undefined) {
      this.onlyKey = key;
      this.only = child;
    } else {
      this.others ??= new Map();
      this.others.set(key, child);
    }
    return child;
  }

  intern() {
    const keys = [];
    for (let node = this; node.parent; node = node.parent) {
      if (!node.wellFormed) return (this.shape = -1);
      keys.push(node.key);
    }
    this.shape = shapes < layout.shapes && native.intern(shapes, keys.reverse()) ? shapes++ : -1;
    return this.shape;
  }
}

const root = new Node();

// Writes a container or a BigInt as JSON behind the texts so far; the bytes, or -1 for what does not go this way.
function nested(slot, key, value, at) {
  if (value instanceof Float) {
    kinds[slot] = KIND.F64;
    values[slot] = value.value;
    return 0;
  }
  const words = json(value, key);
  if (words === undefined) return -1;
  const length = write(text, at, words);
  kinds[slot] = KIND.JSON;
  lengths[slot] = length;
  return length;
}

let end = 0;
let isWalking = false;

function walk(fields) {
  const keys = Object.keys(fields);
  let count = 0;
  let at = 0;
  let node = root;
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place];
    const value = fields[key];
    if (value === undefined) continue;
    if (count === FIELDS) return false;
    const next = key === node.onlyKey ? node.only : node.grow(key);
    if (next === undefined) return false;
    node = next;
    if (typeof value === 'number') {
      kinds[count] = NUMBER;
      values[count] = value;
    } else if (typeof value === 'string') {
      const length = write(text, at, value);
      if (length < 0) return false;
      kinds[count] = KIND.STR;
      lengths[count] = length;
      at += length;
    } else if (typeof value === 'boolean') {
      kinds[count] = KIND.BOOL;
      values[count] = value ? 1 : 0;
    } else if (value === null) {
      kinds[count] = KIND.NULL;
    } else {
      const length = nested(count, key, value, at);
      if (length < 0) return false;
      at += length;
    }
    count++;
  }
  const shape = node.shape === -2 ? node.intern() : node.shape;
  if (shape < 0) return false;
  end = at;
  head[2] = count;
  head[3] = shape;
  return true;
}

// Writes an event that is a plain object and not too large; false for all others, and for one that is refused.
function event(fields) {
  // One inside another's getter goes as text.
  if (isWalking || fields === null || typeof fields !== 'object') return false;
  isWalking = true;
  try {
    const prototype = Object.getPrototypeOf(fields);
    return (
      (prototype === Object.prototype || prototype === null) && typeof fields.toJSON !== 'function' && walk(fields)
    );
  } catch {
    // The slow way finds it again and says what it is.
    return false;
  } finally {
    isWalking = false;
  }
}

// What the event that is being written has here so far, or null; for `restore`.
function save() {
  return isWalking ? new Uint8Array(native.frame).slice(layout.value) : null;
}

function restore(saved) {
  if (saved !== null) new Uint8Array(native.frame).set(saved, layout.value);
}

// Writes a value as kind and text into a slot behind the texts so far.
function put(slot, kind, words) {
  const length = write(text, end, words);
  if (length < 0) throw new Refusal(STATUS.LIMIT, 'a text that is too long');
  kinds[slot] = kind;
  lengths[slot] = length;
  end += length;
}

// An event that libmona refuses with this status and names the field.
function bad(key, isText) {
  const length = write(text, 0, key.length > 200 ? key.slice(0, 200) : key);
  keyLengths[0] = length < 0 ? 0 : length;
  end = keyLengths[0];
  head[2] = 1;
  head[3] = -1;
  if (isText) {
    kinds[0] = BAD_TEXT;
  } else {
    put(0, KIND.JSON, '?');
  }
}

module.exports = {
  TIME,
  CLASS,
  NUMBER,
  BAD_TEXT,
  event,
  save,
  restore,
  put,
  bad,
  // Forgets the texts: the next one is the first.
  begin() {
    end = 0;
  },
  none(slot) {
    kinds[slot] = 0;
  },
  number(slot, kind, value) {
    kinds[slot] = kind;
    values[slot] = value;
  },
  float,
  head,
  scope,
};
