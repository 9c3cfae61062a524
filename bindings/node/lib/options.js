'use strict';
// Options of a client as libmona takes them: names with underscores, and text.

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function number(name, value) {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new RangeError(`option "${name}": ${value}, a number that is exact is expected`);
  }
  return String(value);
}

function valueText(name, value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return number(name, value);
    default:
      if (Array.isArray(value)) return value.map((one) => valueText(name, one)).join(',');
      if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
        return JSON.stringify(value);
      }
      throw new TypeError(`option "${name}": a value of type ${typeof value}, text, a number or a boolean is expected`);
  }
}

// [name, value, ...] of the options that are given; undefined and null are not.
function optionList(options = {}) {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(
      `options: a value of type ${options === null ? 'null' : typeof options}, an object is expected`,
    );
  }
  const list = [];
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== null) list.push(snake(name), valueText(name, value));
  }
  return list;
}

const LONGEST_MS = 2 ** 32 - 1;

// A time-out that the call can take.
function milliseconds(value) {
  if (typeof value !== 'number')
    throw new TypeError(`timeout: a value of type ${typeof value}, milliseconds are expected`);
  if (!(value >= 0 && value <= LONGEST_MS)) {
    throw new RangeError(`timeout: ${value}, milliseconds from 0 to ${LONGEST_MS} are expected`);
  }
  return Math.ceil(value);
}

module.exports = { optionList, milliseconds };
