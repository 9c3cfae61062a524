//! Text as JSON, eight bytes at a time where nothing in it is escaped.
//!
//! Every name and text of every record that is written passes through here.

/// Appends text in quotes. What is not UTF-8 becomes U+FFFD.
#[inline]
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    if !is_plain(text) {
        return escape(text, out);
    }
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

#[cold]
fn escape(text: &[u8], out: &mut Vec<u8>) {
    // Writing text to a Vec cannot fail.
    let _ = match std::str::from_utf8(text) {
        Ok(text) => serde_json::to_writer(out, text),
        Err(_) => serde_json::to_writer(out, &String::from_utf8_lossy(text)),
    };
}

/// Whether all of it is ASCII that JSON does not escape; DEL, which JSON does not escape either, is not.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let all = words.iter().all(|word| plain(u64::from_le_bytes(*word)));
    // What is left is looked at with bytes before it once more, or twice.
    all && match (text.last_chunk::<8>(), text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(last), ..) => rest.is_empty() || plain(u64::from_le_bytes(*last)),
        (None, Some([a, b, c, d]), Some([e, f, g, h])) => {
            plain(u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
        }
        _ => rest.iter().all(|byte| matches!(byte, 0x20..=0x7e) && !matches!(byte, b'"' | b'\\')),
    }
}

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Whether none of eight bytes has to be escaped or is beyond ASCII.
#[inline]
fn plain(word: u64) -> bool {
    // The highest bit of a byte of the result is set where the byte was 0; above one that was 0 it may be set, too.
    let zero = |word: u64| word.wrapping_sub(each(1)) & !word;
    let control = word.wrapping_sub(each(0x20)) & !word;
    let found = word | control | zero(word ^ each(b'"')) | zero(word ^ each(b'\\')) | zero(word ^ each(0x7f));
    found & each(0x80) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_written_as_serde_writes_it() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let mut out = b"before".to_vec();
                    quote(&text, &mut out);
                    let expected = serde_json::to_string(&String::from_utf8_lossy(&text)).unwrap();
                    assert_eq!(&out[6..], expected.as_bytes(), "{byte:#x} at {at} of {length}");
                    let is_plain_byte = (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
                    assert_eq!(is_plain(&text), is_plain_byte);
                }
            }
        }
    }

    #[test]
    fn two_that_are_escaped_are_found_wherever_they_are() {
        for pair in [[b'"', b'#'], [b'\\', b']'], [0x1f, 0x20], [0x7f, 0x80], [0x01, 0x00]] {
            for at in 0..7 {
                let mut text = *b"abcdefgh";
                text[at..at + 2].copy_from_slice(&pair);
                assert!(!is_plain(&text));
            }
        }
    }
}
