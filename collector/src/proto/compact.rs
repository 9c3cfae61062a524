//! JSON text as it was sent, made fit to be one line, and readable for every parser.
//!
//! [`mend`] is called on the body of a request before it is read, [`compact`] when a record is written.

/// Puts U+FFFD in the place of each escape of half a surrogate pair, such as `\ud800`. JSON allows them,
/// no text can hold them, and readers differ on whether they are an error.
pub(crate) fn mend(body: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        let next = match (unit(body, at), unit(body, at + ESCAPE)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at + 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                if let Some(lone) = body.get_mut(at..at + ESCAPE) {
                    lone.copy_from_slice(br"\ufffd");
                }
                at + ESCAPE
            }
            // A backslash and what it escapes: another backslash begins nothing.
            _ => at + 2,
        };
        at = next;
    }
}

/// The length of `\uXXXX`.
const ESCAPE: usize = 6;

/// The UTF-16 unit that is escaped here.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at.checked_add(ESCAPE)?)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some((unit << 4) | u16::try_from(digit).ok()?)
    })
}

/// Appends valid JSON without the white space between its values.
pub(crate) fn compact(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(first) = rest.first() {
        let length = match first {
            b' ' | b'\t' | b'\r' | b'\n' => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            b'"' => text(rest),
            _ => rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b' ' | b'\t' | b'\r' | b'\n'))
                .unwrap_or(rest.len()),
        };
        let (taken, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        out.extend_from_slice(taken);
        rest = behind;
    }
}

/// The length of the text that begins here, with its quotes.
fn text(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_are_replaced_and_pairs_are_not() {
        for (sent, mended) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDfFfx""#, r#""\ufffdx""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#""\ud8"#, r#""\ud8"#),
            (r"\", r"\"),
            (r#""\u00e9\n""#, r#""\u00e9\n""#),
        ] {
            let mut body = sent.as_bytes().to_vec();
            mend(&mut body);
            assert_eq!(String::from_utf8(body).unwrap(), mended, "{sent}");
        }
    }

    #[test]
    fn white_space_goes_and_nothing_else() {
        let mut out = Vec::new();
        compact(b" {\"a b\" : [ 1.50 ,\r\n\t\"\\\" \\\\\" ] , \"n\":1e400} ", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a b":[1.50,"\" \\"],"n":1e400}"#);
    }
}
