'use strict';
// Texts: whether they are Unicode, and their way into memory as UTF-8.

// Up to here a loop in JavaScript is quicker than a call.
const SHORT = 48;
// The most bytes that one UTF-16 unit needs.
const WIDEST = 3;

const SURROGATE = /\p{Surrogate}/u;

// Whether a text has no lone surrogate.
const wellFormed = String.prototype.isWellFormed ? (text) => text.isWellFormed() : (text) => !SURROGATE.test(text);

// Writes a text at a place of a buffer. Its bytes, or -1 where it does not fit or is no Unicode.
function write(buffer, at, text) {
  const length = text.length;
  if (length > buffer.length - at) return -1;
  if (length <= SHORT) {
    let place = 0;
    for (; place < length; place++) {
      const unit = text.charCodeAt(place);
      if (unit > 127) break;
      buffer[at + place] = unit;
    }
    if (place === length) return length;
  }
  if (length * WIDEST > buffer.length - at || !wellFormed(text)) return -1;
  return buffer.write(text, at);
}

module.exports = { wellFormed, write };
