'use strict';
// Written by generate.py from bindings/interface.json.

const STATUS = Object.freeze({
  OK: 0,
  ARGUMENT: 1,
  UTF8: 2,
  JSON: 3,
  NO_CONTEXT: 4,
  PROTECTED: 5,
  NOT_FOUND: 6,
  LIMIT: 7,
  DROPPED: 8,
  TIMEOUT: 9,
  CLOSED: 10,
  IO: 11,
  TRUNCATED: 12,
  EXISTS: 13,
  BUSY: 14,
  THREAD: 15,
  PANIC: 16,
});

const KIND = Object.freeze({
  NULL: 1,
  BOOL: 2,
  I64: 3,
  U64: 4,
  F64: 5,
  STR: 6,
  JSON: 7,
  F32: 8,
});

const LOG = Object.freeze({
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
});

// The largest values of options that bound what is worth writing.
const DEEPEST = 10000;
const LARGEST_EVENT = 2097152;

module.exports = { STATUS, KIND, LOG, DEEPEST, LARGEST_EVENT };
