//! Texts to values.

use std::fmt;

use super::{Number, Value};

/// Deepest nesting: as much as other readers take, and far from the end of any stack.
const MOST_DEPTH: usize = 127;

/// Where a text stops being JSON, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid JSON at line {} column {}", self.line, self.column)
    }
}

/// Reads one value and nothing behind it.
///
/// # Errors
/// Where it stops being JSON: bytes that are no UTF-8, numbers that no float reaches and too many levels among it.
pub(crate) fn read(text: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(MOST_DEPTH).filter(|_| {
        reader.skip_blanks();
        reader.at == text.len()
    });
    value.ok_or_else(|| {
        let before = text.get(..reader.at).unwrap_or(text);
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        Error { line: before.iter().filter(|byte| **byte == b'\n').count() + 1, column: line.len() + 1 }
    })
}

/// Every part is `None` where it is wrong; the place is then where reading came to.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes the byte, where it is the next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        word.bytes().all(|byte| self.takes(byte)).then_some(value)
    }

    /// A value within `depth` levels, blanks before it included.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks();
        match self.peek()? {
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'"' => self.string().map(Value::String),
            b'[' => self.array(depth.checked_sub(1)?),
            b'{' => self.object(depth.checked_sub(1)?),
            _ => self.number().map(Value::Number),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.takes(b']') {
            return Some(Value::Array(values));
        }
        loop {
            values.push(self.value(depth)?);
            self.skip_blanks();
            if !self.takes(b',') {
                return self.takes(b']').then_some(Value::Array(values));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut entries = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.takes(b'}') {
            return Some(Value::Object(entries));
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.skip_blanks();
            if !self.takes(b':') {
                return None;
            }
            entries.push((name, self.value(depth)?));
            self.skip_blanks();
            if !self.takes(b',') {
                return self.takes(b'}').then_some(Value::Object(entries));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.takes(b'"') {
            return None;
        }
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
            let length = rest.iter().position(|byte| !is_plain(byte))?;
            text.push_str(std::str::from_utf8(rest.get(..length)?).ok()?);
            self.at += length;
            if self.takes(b'"') {
                return Some(text);
            }
            if !self.takes(b'\\') {
                return None;
            }
            text.push(self.escape()?);
        }
    }

    /// The character that an escape behind its `\` stands for.
    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                // Characters above 16 bits come in two halves.
                let has_second = (0xd800..0xdc00).contains(&first);
                if has_second && !(self.takes(b'\\') && self.takes(b'u')) {
                    return None;
                }
                let units = if has_second { [first, self.unit()?] } else { [first, 0] };
                let mut characters = char::decode_utf16(units);
                characters.next()?.ok()?
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        u16::try_from(unit).ok()
    }

    fn number(&mut self) -> Option<Number> {
        let start = self.at;
        let is_negative = self.takes(b'-');
        // A leading zero stands alone.
        if !self.takes(b'0') && self.digits() == 0 {
            return None;
        }
        let mut is_integer = true;
        if self.takes(b'.') {
            is_integer = false;
            if self.digits() == 0 {
                return None;
            }
        }
        if self.takes(b'e') || self.takes(b'E') {
            is_integer = false;
            let _ = self.takes(b'+') || self.takes(b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        let text = std::str::from_utf8(self.text.get(start..self.at)?).ok()?;
        let integer = match (is_integer, is_negative) {
            (true, false) => text.parse().ok().map(Number::Unsigned),
            // Minus nothing is a float, so that its sign stays.
            (true, true) => text.parse().ok().filter(|number| *number != 0).map(Number::Negative),
            _ => None,
        };
        integer.or_else(|| text.parse().ok().filter(|number: &f64| number.is_finite()).map(Number::Float))
    }

    /// Takes digits: how many there were.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }
}
