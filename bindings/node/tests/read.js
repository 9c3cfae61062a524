'use strict';
// JSON with the numbers as they stand there: whole ones beyond 2^53 as BigInt, floats that are whole by mona.float.

const { float } = require('@monalabs/mona');

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = { t: ['true', true], f: ['false', false], n: ['null', null] };

function number(text) {
  const value = Number(text);
  if (!Number.isInteger(value)) return value;
  if (!/^-?[0-9]+$/.test(text)) return float(value);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

// Reads one value; throws where there is none.
function read(text) {
  let at = 0;
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) throw new SyntaxError(`JSON at ${at}`);
    at = pattern.lastIndex;
    return found[0];
  };
  const members = (end, member) => {
    at++;
    for (match(SPACE); text[at] !== end; match(SPACE)) {
      member();
      match(SPACE);
      if (text[at] === ',') at++;
    }
    at++;
  };
  const value = () => {
    match(SPACE);
    const first = text[at];
    if (first === '"') return JSON.parse(match(STRING));
    if (first === '[') {
      const list = [];
      members(']', () => list.push(value()));
      return list;
    }
    if (first === '{') {
      const entries = [];
      members('}', () => {
        const key = JSON.parse(match(STRING));
        match(SPACE);
        at++;
        entries.push([key, value()]);
      });
      return Object.fromEntries(entries);
    }
    const word = WORDS[first];
    if (word === undefined) return number(match(NUMBER));
    at += word[0].length;
    return word[1];
  };
  return value();
}

module.exports = { read };
