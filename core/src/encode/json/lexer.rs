//! A place in a JSON text, and the pieces of grammar that lie ahead of it.
//!
//! The transcoder and the batch splitter read through it. Strings are found and checked here and decoded in
//! `text`, numbers are read in `number`. Outside strings JSON is ASCII, so a text that is in order is UTF-8.

use super::error::{JsonError, JsonErrorKind};
use super::scan::{self, BLOCK};

/// Blocks of a string that are looked at while they are copied; what is longer is worth a search of its own first.
const PLAIN_BLOCKS: usize = 4;

/// A text and how far it has been read. Code that is not inlined takes a copy and gives back the new place,
/// so that the hot loops keep theirs in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

/// A string of ASCII without escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlainText<'a> {
    /// The whole blocks before the one that its end is in.
    pub(super) blocks: &'a [[u8; BLOCK]],
    /// The block that its end is in.
    pub(super) last: [u8; BLOCK],
    pub(super) len: usize,
}

/// What stands between two quotes; UTF-8 with every escape in order.
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

    /// The next byte, whatever it is.
    #[inline(always)]
    pub(super) fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// What is left of the text.
    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space, left in place.
    #[inline(always)]
    pub(crate) fn token(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                // One space is frequent; a set of bytes would take a register in every loop around.
                b' ' => self.at += 1,
                0..b' ' => {
                    self.at = self.behind_space();
                    return self.byte();
                }
                byte => return Some(byte),
            }
        }
    }

    /// Whether `token` is the next byte that is not white space.
    #[inline(always)]
    pub(crate) fn is_at(&mut self, token: u8) -> bool {
        // Between the tokens of most texts there is nothing.
        self.byte() == Some(token) || self.is_behind_space(token)
    }

    #[inline(always)]
    fn is_behind_space(&mut self, token: u8) -> bool {
        match self.byte() {
            Some(0..=b' ') => {
                self.at = self.behind_space();
                self.byte() == Some(token)
            }
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn behind_space(mut self) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.at
    }

    /// Steps over the byte that `token` has shown.
    #[inline(always)]
    pub(crate) fn bump(&mut self) {
        self.at += 1;
    }

    /// The block from `at` on, with zeros behind the end of the text. No string has a zero, so whatever ends in the
    /// text is found the same way wherever that ends.
    #[inline(always)]
    pub(crate) fn block(&self, at: usize) -> [u8; BLOCK] {
        match self.text.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(block) => *block,
            None => self.block_at_the_end(at).to_le_bytes(),
        }
    }

    /// The block that the text ends with, shifted; a number, to come back in registers.
    #[inline(never)]
    fn block_at_the_end(self, at: usize) -> u128 {
        let missing = BLOCK - self.text.len().saturating_sub(at).min(BLOCK);
        match self.text.last_chunk() {
            Some(last) => u128::from_le_bytes(*last).checked_shr(8 * missing as u32).unwrap_or_default(),
            None => self.short_text_from(at),
        }
    }

    /// The same for a text that is shorter than a block.
    #[cold]
    fn short_text_from(self, at: usize) -> u128 {
        let mut block = [0; BLOCK];
        block.iter_mut().zip(self.text.iter().skip(at)).for_each(|(slot, byte)| *slot = *byte);
        u128::from_le_bytes(block)
    }

    /// Goes on where a copy ended.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The same text from another place on.
    pub(crate) fn from(self, at: usize) -> Lexer<'a> {
        Lexer { at, ..self }
    }

    #[cold]
    pub(crate) fn expected(self, what: &'static str) -> JsonError {
        JsonError { at: self.at, kind: JsonErrorKind::Expected(what) }
    }

    /// Steps over `token` after white space.
    #[inline(always)]
    pub(crate) fn require(&mut self, token: u8, what: &'static str) -> Result<(), JsonError> {
        if self.is_at(token) {
            self.bump();
            Ok(())
        } else {
            Err(self.expected(what))
        }
    }

    /// Makes sure that nothing but white space is left.
    #[inline(always)]
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        match self.token() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the text")),
        }
    }

    /// Steps over `word`, which begins with the byte in place.
    #[inline(always)]
    pub(crate) fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.torn_word(word))
        }
    }

    #[cold]
    fn torn_word(self, word: &'static str) -> JsonError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let same = rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
        JsonError { at: self.at + same, kind: JsonErrorKind::Expected(word) }
    }

    /// Steps over a string, of which the opening quote is in place, if it is short and plain: that takes one
    /// look at one block. Any other string is left for [`Lexer::string`].
    #[inline(always)]
    pub(super) fn short_string(&mut self) -> Option<([u8; BLOCK], usize)> {
        let block = self.block(self.at + 1);
        let len = scan::first_stop(&block)?;
        if block.get(len) != Some(&b'"') {
            return None;
        }
        self.at += len + 2;
        Some((block, len))
    }

    /// The same for a plain string of a few blocks.
    #[inline(always)]
    pub(super) fn plain_string(&mut self) -> Option<PlainText<'a>> {
        let start = self.at + 1;
        let (blocks, _) = self.text.get(start..)?.as_chunks();
        for number in 0..PLAIN_BLOCKS {
            let block = self.block(start + number * BLOCK);
            let Some(stop) = scan::first_stop(&block) else { continue };
            if block.get(stop) != Some(&b'"') {
                return None;
            }
            let len = number * BLOCK + stop;
            self.at += len + 2;
            return Some(PlainText { blocks: blocks.get(..number)?, last: block, len });
        }
        None
    }

    /// Steps over a string, of which the opening quote is in place.
    pub(crate) fn string(&mut self) -> Result<RawText<'a>, JsonError> {
        let start = self.at + 1;
        self.at = start;
        let mut plain = None;
        let mut is_ascii = true;
        loop {
            let run = scan::run(self.text.get(self.at..).unwrap_or_default());
            self.at += run.len;
            is_ascii &= run.is_ascii;
            let here = self.at - start;
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.at = self.behind_escape()?,
                Some(_) => return Err(JsonError { at: self.at, kind: JsonErrorKind::Control }),
                None => return Err(self.expected("a closing quote")),
            }
            plain.get_or_insert(here);
        }
        let bytes = self.since(start);
        if !is_ascii && let Err(error) = std::str::from_utf8(bytes) {
            return Err(JsonError { at: start + error.valid_up_to(), kind: JsonErrorKind::Utf8 });
        }
        self.at += 1;
        Ok(RawText { bytes, at: start, plain: plain.unwrap_or(bytes.len()) })
    }

    fn behind_escape(self) -> Result<usize, JsonError> {
        let (known, len) = match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (true, 2),
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
                (digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit), 6)
            }
            _ => (false, 0),
        };
        if known { Ok(self.at + len) } else { Err(JsonError { at: self.at, kind: JsonErrorKind::Escape }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_word_is_reported_where_it_tears() {
        let mut lexer = Lexer::new(b"trux");
        assert_eq!(lexer.word("true"), Err(JsonError { at: 3, kind: JsonErrorKind::Expected("true") }));
        assert_eq!(lexer.word("tru"), Ok(()));
        assert_eq!(lexer.at(), 3);
    }

    #[test]
    fn a_block_has_zeros_behind_the_end() {
        let text: Vec<u8> = (1..=40).collect();
        for len in 0..=text.len() {
            let lexer = Lexer::new(&text[..len]);
            for at in 0..=len + 20 {
                let expected: Vec<u8> =
                    (at..at + BLOCK).map(|at| if at < len { text[at] } else { 0 }).collect();
                assert_eq!(lexer.block(at)[..], expected, "{at} of {len}");
            }
        }
    }

    #[test]
    fn a_plain_string_is_found_wherever_the_text_ends() {
        for len in 0..BLOCK * PLAIN_BLOCKS {
            for behind in 0..20 {
                let text = format!("\"{}\"{}", "x".repeat(len), "}".repeat(behind));
                let mut lexer = Lexer::new(text.as_bytes());
                let found = lexer.plain_string().expect("a string");
                assert_eq!(
                    (found.len, found.blocks.len(), lexer.at()),
                    (len, len / BLOCK, len + 2),
                    "{text}"
                );
                let mut lexer = Lexer::new(text.as_bytes());
                assert_eq!(lexer.short_string().map(|(_, len)| len), (len < BLOCK).then_some(len), "{text}");
            }
            let torn = format!("\"{}", "x".repeat(len));
            assert!(Lexer::new(torn.as_bytes()).plain_string().is_none(), "{torn}");
            assert!(Lexer::new(torn.as_bytes()).short_string().is_none(), "{torn}");
        }
    }

    #[test]
    fn strings_end_at_their_quote() {
        let mut lexer = Lexer::new(br#""a\"b\\"x"#);
        let raw = lexer.string().unwrap();
        assert_eq!((raw.bytes, raw.at, raw.plain), (&br#"a\"b\\"#[..], 1, 1));
        assert_eq!(lexer.token(), Some(b'x'));
        for (text, kind, at) in [
            (&b"\"a\nb\""[..], JsonErrorKind::Control, 2),
            (b"\"\\x\"", JsonErrorKind::Escape, 1),
            (b"\"\\u12g4\"", JsonErrorKind::Escape, 1),
            (b"\"\\u12", JsonErrorKind::Escape, 1),
            (b"\"abc", JsonErrorKind::Expected("a closing quote"), 4),
            (b"\"abc\\\"", JsonErrorKind::Expected("a closing quote"), 6),
        ] {
            let error = Lexer::new(text).string().unwrap_err();
            assert_eq!(error, JsonError { at, kind }, "{}", text.escape_ascii());
        }
    }
}
