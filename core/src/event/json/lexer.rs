//! A place in a JSON text, and the pieces of grammar that lie ahead of it.
//!
//! The transcoder and the batch splitter read through it. The text has been checked as UTF-8 by whoever
//! made the lexer; strings are found here, decoded in `text`, numbers are read in `number`.

use super::fault::{Fault, Kind};

/// A text and how far it has been read.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

/// What stands between two quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawText<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where `bytes` begins in the text.
    pub(crate) at: usize,
    /// The length up to the first escape: all of it, where there is none.
    pub(super) plain: usize,
}

impl RawText<'_> {
    /// True when the bytes are not yet the text they stand for.
    #[inline]
    pub(crate) fn escaped(&self) -> bool {
        self.plain != self.bytes.len()
    }
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Lexer<'a> {
        Lexer { text, at: 0 }
    }

    /// The offset of the next byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The text from `start` to here.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next byte that is not white space, left in place.
    #[inline]
    pub(crate) fn token(&mut self) -> Option<u8> {
        loop {
            let byte = self.text.get(self.at).copied()?;
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Steps over the byte that `token` has shown.
    #[inline]
    pub(crate) fn bump(&mut self) {
        self.at += 1;
    }

    #[cold]
    pub(crate) fn expected(&self, what: &'static str) -> Fault {
        Fault { at: self.at, kind: Kind::Expected(what) }
    }

    /// Steps over `token` after white space.
    #[inline]
    pub(crate) fn require(&mut self, token: u8, what: &'static str) -> Result<(), Fault> {
        if self.token() == Some(token) {
            self.bump();
            Ok(())
        } else {
            Err(self.expected(what))
        }
    }

    /// Makes sure that nothing but white space is left.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.token() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the text")),
        }
    }

    /// Steps over `word`, which begins with the byte in place.
    #[inline]
    pub(crate) fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.torn_word(word))
        }
    }

    #[cold]
    fn torn_word(&self, word: &'static str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let same = rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
        Fault { at: self.at + same, kind: Kind::Expected(word) }
    }

    /// Steps over a string, of which the opening quote is in place. Its escapes are checked as grammar.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<RawText<'a>, Fault> {
        let start = self.at + 1;
        let end = start + plain_run(self.text.get(start..).unwrap_or_default());
        self.at = end;
        if self.text.get(end) == Some(&b'"') {
            self.at = end + 1;
            let bytes = self.text.get(start..end).unwrap_or_default();
            return Ok(RawText { bytes, at: start, plain: bytes.len() });
        }
        self.escaped_string(start)
    }

    #[inline(never)]
    fn escaped_string(&mut self, start: usize) -> Result<RawText<'a>, Fault> {
        let plain = self.at - start;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => {
                    let bytes = self.since(start);
                    self.at += 1;
                    return Ok(RawText { bytes, at: start, plain });
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(Fault { at: self.at, kind: Kind::Control }),
                None => return Err(self.expected("a closing quote")),
            }
            self.at += plain_run(self.text.get(self.at..).unwrap_or_default());
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let (known, len) = match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (true, 2),
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
                (digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit), 6)
            }
            _ => (false, 0),
        };
        if !known {
            return Err(Fault { at: self.at, kind: Kind::Escape });
        }
        self.at += len;
        Ok(())
    }
}

/// How many bytes come before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let mut rest = bytes;
    // Eight bytes at a time: in each sum the lowest high bit that is set marks a true hit, and only the
    // lowest of all is looked at.
    while let Some((eight, after)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*eight);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let hits = (quote.wrapping_sub(ONES) & !quote
            | slash.wrapping_sub(ONES) & !slash
            | word.wrapping_sub(ONES * 0x20) & !word)
            & HIGH;
        if hits != 0 {
            return bytes.len() - rest.len() + hits.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let tail = rest.iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count();
    bytes.len() - rest.len() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_run_ends_at_every_special_byte_in_every_place() {
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=255_u8 {
                    let mut bytes = vec![b'a'; len];
                    bytes[place] = byte;
                    let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                    assert_eq!(plain_run(&bytes), if special { place } else { len });
                    // Neighbours of a hit can be marked by a borrow: they must not come first.
                    if let Some(next) = bytes.get_mut(place + 1) {
                        *next = b'!';
                        assert_eq!(plain_run(&bytes), if special { place } else { len });
                    }
                }
            }
        }
    }

    #[test]
    fn a_torn_word_is_reported_where_it_tears() {
        let mut lexer = Lexer::new(b"trux");
        assert_eq!(lexer.word("true"), Err(Fault { at: 3, kind: Kind::Expected("true") }));
        assert_eq!(lexer.word("tru"), Ok(()));
        assert_eq!(lexer.at(), 3);
    }

    #[test]
    fn strings_end_at_their_quote() {
        let mut lexer = Lexer::new(br#""a\"b\\"x"#);
        let raw = lexer.string().unwrap();
        assert_eq!((raw.bytes, raw.at, raw.plain), (&br#"a\"b\\"#[..], 1, 1));
        assert_eq!(lexer.token(), Some(b'x'));
        for (text, kind, at) in [
            (&b"\"a\nb\""[..], Kind::Control, 2),
            (b"\"\\x\"", Kind::Escape, 1),
            (b"\"\\u12g4\"", Kind::Escape, 1),
            (b"\"\\u12", Kind::Escape, 1),
            (b"\"abc", Kind::Expected("a closing quote"), 4),
            (b"\"abc\\\"", Kind::Expected("a closing quote"), 6),
        ] {
            let fault = Lexer::new(text).string().unwrap_err();
            assert_eq!(fault, Fault { at, kind }, "{}", text.escape_ascii());
        }
    }
}
