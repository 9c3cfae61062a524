//! What a text shows without being parsed: strings, brackets, bare words.
//!
//! The model looks at a text with this before serde_json does. Up to the first byte that is wrong, what it
//! says of strings and brackets is what a parser says.

/// What one pass over a text has found.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sight {
    /// The most containers open at the same time.
    pub depth: usize,
    /// Colons outside strings.
    pub colons: usize,
    /// A word that only this encoder takes stands outside strings, on its own.
    pub word: bool,
}

/// The bare words, and the numbers that stand in for them when serde_json reads the text. No generator makes
/// these numbers.
pub(crate) const WORDS: [(&str, &str, f64); 3] = [
    ("NaN", "7e-777000111", f64::NAN),
    ("Infinity", "7e-777000222", f64::INFINITY),
    ("-Infinity", "7e-777000333", f64::NEG_INFINITY),
];

/// The end of the string whose first byte is at `from`: the place behind its closing quote.
fn string_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    text.len()
}

/// The word that stands at `at` on its own: between white space, separators, brackets or the ends.
fn word_at(text: &[u8], at: usize) -> Option<(&'static str, &'static str)> {
    let alone = |byte: Option<&u8>| {
        byte.is_none_or(|byte| {
            matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b'[' | b']' | b'}')
        })
    };
    let (word, number, _) = WORDS.iter().find(|(word, ..)| text[at..].starts_with(word.as_bytes()))?;
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    (alone(before) && alone(text.get(at + word.len()))).then_some((*word, *number))
}

/// Looks at a text.
pub(crate) fn look(text: &[u8]) -> Sight {
    let mut sight = Sight::default();
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at + 1);
                continue;
            }
            b'{' | b'[' => {
                open += 1;
                sight.depth = sight.depth.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b':' => sight.colons += 1,
            b'N' | b'I' | b'-' => sight.word |= word_at(text, at).is_some(),
            _ => {}
        }
        at += 1;
    }
    sight
}

/// The text with a number in the place of each bare word.
pub(crate) fn without_words(text: &[u8]) -> Vec<u8> {
    with_words_replaced(text, |number| number)
}

/// The text with null in the place of each bare word.
pub(crate) fn with_null_for_words(text: &[u8]) -> Vec<u8> {
    with_words_replaced(text, |_| "null")
}

fn with_words_replaced(text: &[u8], by: impl Fn(&'static str) -> &'static str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = if byte == b'"' {
            string_end(text, at + 1)
        } else if let Some((word, number)) = word_at(text, at) {
            out.extend_from_slice(by(number).as_bytes());
            at += word.len();
            continue;
        } else {
            at + 1
        };
        out.extend_from_slice(&text[at..end.min(text.len())]);
        at = end;
    }
    out
}

/// The text with every `\uXXXX` of a string made an `A`: half pairs are then no fault.
pub(crate) fn without_units(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte != b'"' {
            at += 1;
            continue;
        }
        let end = string_end(text, at + 1).min(text.len());
        while at < end {
            if text[at] != b'\\' {
                at += 1;
                continue;
            }
            if let Some([b'u', digits @ ..]) = text.get(at + 1..at + 6)
                && digits.iter().all(u8::is_ascii_hexdigit)
            {
                out[at + 2..at + 6].copy_from_slice(b"0041");
            }
            at += 2;
        }
    }
    out
}

/// The numbers outside strings, of a text that is JSON.
pub(crate) fn numbers(text: &[u8]) -> Vec<&str> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let end = match byte {
            b'"' => string_end(text, at + 1),
            b'-' | b'0'..=b'9' => {
                let part = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + text[at..].iter().take_while(part).count();
                numbers.extend(std::str::from_utf8(&text[at..end]));
                end
            }
            _ => at + 1,
        };
        at = end;
    }
    numbers
}

/// The text without the beginning of a bare word at its end.
pub(crate) fn without_torn_word(text: &[u8]) -> &[u8] {
    if WORDS.iter().any(|(word, ..)| text.ends_with(word.as_bytes())) {
        return text;
    }
    for (word, ..) in WORDS.iter().rev() {
        for len in (1..word.len()).rev() {
            if word.as_bytes()[..len] != b"-"[..]
                && let Some(rest) = text.strip_suffix(&word.as_bytes()[..len])
            {
                return rest;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_seen_only_alone_and_outside_strings() {
        for (text, word) in [
            ("[NaN]", true),
            ("{\"a\":-Infinity}", true),
            ("[ Infinity ,1]", true),
            ("[\"NaN\"]", false),
            ("[\"\\\"NaN\"]", false),
            ("[1NaN]", false),
            ("[NaN1]", false),
            ("[--Infinity]", false),
            ("NaN", true),
        ] {
            assert_eq!(look(text.as_bytes()).word, word, "{text}");
            assert_eq!(without_words(text.as_bytes()) != text.as_bytes(), word, "{text}");
        }
        assert_eq!(
            without_words(b"[NaN, \"NaN\\\"\", -Infinity]"),
            b"[7e-777000111, \"NaN\\\"\", 7e-777000333]"
        );
        assert_eq!(without_torn_word(b"[1, -Inf"), b"[1, ");
        assert_eq!(without_torn_word(b"[-"), b"[-");
        assert_eq!(without_torn_word(b"[NaN"), b"[NaN");
    }

    #[test]
    fn numbers_are_found_outside_strings() {
        assert_eq!(numbers(b"[-1.5e+3,{\"2\":0},\"\\\"3\"]"), ["-1.5e+3", "0"]);
    }

    #[test]
    fn brackets_and_colons_are_counted_outside_strings() {
        let sight = look(b"{\"a:[\":[{\"b\":[]}],\"\\\"{\":1}");
        assert_eq!((sight.depth, sight.colons), (4, 3));
    }

    #[test]
    fn units_are_softened_inside_strings() {
        assert_eq!(without_units(b"[\"\\ud800\\\\ud800\", \\ud800]"), b"[\"\\u0041\\\\ud800\", \\ud800]");
    }
}
