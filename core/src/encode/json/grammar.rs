//! Steps over JSON values without looking at their meaning.
//!
//! The batch splitter checks a whole array with it before the first event is handed out, and finds where
//! each event's parts end. Sizes of numbers, pairs of surrogates and depth are left to the transcoder,
//! which sees each event by itself; open containers cost one bit each.

use super::error::JsonError;
use super::lexer::Lexer;

/// The working memory of a check: the kinds of the open containers, true for objects.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    kinds: Bits,
}

impl Grammar {
    /// Steps over one value, nested ones included.
    pub(crate) fn skip(&mut self, lexer: &mut Lexer<'_>) -> Result<(), JsonError> {
        self.kinds.clear();
        let mut fresh = false;
        'value: loop {
            match lexer.token() {
                Some(bracket @ (b'{' | b'[')) => {
                    lexer.bump();
                    self.kinds.push(bracket == b'{');
                    fresh = true;
                }
                other => skip_scalar(lexer, other)?,
            }
            while let Some(object) = self.kinds.last() {
                let (end, separator) =
                    if object { (b'}', "a \",\" or \"}\"") } else { (b']', "a \",\" or \"]\"") };
                let token = lexer.token();
                if token == Some(end) {
                    lexer.bump();
                    self.kinds.pop();
                    fresh = false;
                    continue;
                }
                if !fresh {
                    lexer.require(b',', separator)?;
                }
                if object {
                    skip_key(lexer, fresh)?;
                }
                fresh = false;
                continue 'value;
            }
            return Ok(());
        }
    }
}

fn skip_key(lexer: &mut Lexer<'_>, fresh: bool) -> Result<(), JsonError> {
    if lexer.token() != Some(b'"') {
        return Err(lexer.expected(if fresh { "a key or \"}\"" } else { "a key" }));
    }
    lexer.string()?;
    lexer.require(b':', "a \":\"")
}

fn skip_scalar(lexer: &mut Lexer<'_>, first: Option<u8>) -> Result<(), JsonError> {
    match first {
        Some(b'"') => lexer.string().map(drop),
        Some(b'0'..=b'9' | b'-') => lexer.figures().map(drop),
        Some(b't') => lexer.word("true"),
        Some(b'f') => lexer.word("false"),
        Some(b'n') => lexer.word("null"),
        Some(b'N') => lexer.word("NaN"),
        Some(b'I') => lexer.word("Infinity"),
        _ => Err(lexer.expected("a value")),
    }
}

/// A stack of bits.
#[derive(Debug, Default)]
struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    fn clear(&mut self) {
        self.len = 0;
    }

    fn push(&mut self, bit: bool) {
        if self.len / 64 == self.words.len() {
            self.words.push(0);
        }
        if let Some(word) = self.words.get_mut(self.len / 64) {
            let mask = 1 << (self.len % 64);
            *word = if bit { *word | mask } else { *word & !mask };
        }
        self.len += 1;
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    fn last(&self) -> Option<bool> {
        let index = self.len.checked_sub(1)?;
        self.words.get(index / 64).map(|word| word >> (index % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::json::JsonErrorKind;

    fn check(text: &str) -> Result<(), JsonError> {
        let mut lexer = Lexer::new(text.as_bytes());
        Grammar::default().skip(&mut lexer)?;
        lexer.end()
    }

    #[test]
    fn takes_any_size_and_depth() {
        let numbers = "[123456789012345678901234567890, -1e9999, \"\\ud800\", NaN, -Infinity]";
        assert_eq!(check(numbers), Ok(()));
        let deep = format!("{}{}", "[{\"a\":".repeat(200_000), "1".to_owned() + &"}]".repeat(200_000));
        assert_eq!(check(&deep), Ok(()));
        assert!(check(&deep[..deep.len() - 1]).is_err());
    }

    #[test]
    fn refuses_what_is_not_json() {
        let value = JsonErrorKind::Expected("a value");
        for (text, at, kind) in [
            ("", 0, value),
            ("[1,]", 3, value),
            ("[,1]", 1, value),
            ("{\"a\":1,}", 7, JsonErrorKind::Expected("a key")),
            ("{,}", 1, JsonErrorKind::Expected("a key or \"}\"")),
            ("{\"a\" 1}", 5, JsonErrorKind::Expected("a \":\"")),
            ("[1 2]", 3, JsonErrorKind::Expected("a \",\" or \"]\"")),
            ("[1}", 2, JsonErrorKind::Expected("a \",\" or \"]\"")),
            ("{\"a\":1]", 6, JsonErrorKind::Expected("a \",\" or \"}\"")),
            ("1 2", 2, JsonErrorKind::Expected("the end of the text")),
            ("[\"\t\"]", 2, JsonErrorKind::Control),
        ] {
            assert_eq!(check(text), Err(JsonError { at, kind }), "{text}");
        }
    }
}
