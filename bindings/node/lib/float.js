'use strict';
// Numbers that stay floats: 1 is a whole number on the wire and 0.9 is none, and a column of both has two types.

class Float {
  constructor(value) {
    this.value = value;
    Object.freeze(this);
  }

  toJSON() {
    return this.value;
  }
}

function float(value) {
  if (typeof value !== 'number') throw new TypeError(`float: a value of type ${typeof value}, a number is expected`);
  return new Float(value);
}

// As JSON text that is read as a float again.
function floatText({ value }) {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

module.exports = { Float, float, floatText };
