//! Base64 (RFC 4648): standard and padded on the way out, for URLs and as it comes on the way in.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes `bytes` to the front of `text`: four characters for three bytes or what is left of three. What does
/// not fit is left out.
pub(crate) fn encode_to(text: &mut [u8], bytes: &[u8]) {
    for (group, out) in bytes.chunks(3).zip(text.chunks_mut(4)) {
        let mut four = [0; 4];
        for (slot, byte) in four.iter_mut().skip(1).zip(group) {
            *slot = *byte;
        }
        let bits = u32::from_be_bytes(four);
        for (place, slot) in out.iter_mut().enumerate() {
            let value = (bits >> (18 - 6 * place)) as usize & 63;
            let is_padding = place > group.len();
            *slot = if is_padding { b'=' } else { ALPHABET.get(value).copied().unwrap_or(b'=') };
        }
    }
}

/// The text of `bytes`.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn encoded(bytes: &[u8]) -> String {
    let mut text = vec![0; bytes.len().div_ceil(3) * 4];
    encode_to(&mut text, bytes);
    text.into_iter().map(char::from).collect()
}

/// The bytes of a text with `-` and `_`, padded or not; `None` when it is none.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn decoded_url(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    if bare.len() % 4 == 1 || padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut bytes = Vec::with_capacity(bare.len() * 3 / 4);
    let (mut bits, mut held) = (0, 0);
    for character in bare.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // What is left of the last character stands for nothing.
    (bits & ((1 << held) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

    #[test]
    fn others_read_it_and_it_reads_others() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for end in 0..bytes.len() {
            let bytes = &bytes[..end];
            assert_eq!(encoded(bytes), STANDARD.encode(bytes));
            assert_eq!(decoded_url(&URL_SAFE.encode(bytes)).as_deref(), Some(bytes));
            assert_eq!(decoded_url(&URL_SAFE_NO_PAD.encode(bytes)).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_text() {
        for text in
            ["A", "AAAAA", "AB", "AAB", "AA=", "AA===", "A===", "====", "AA==AA==", "A+AA", "AA A", "\u{e9}A"]
        {
            assert_eq!(decoded_url(text), None, "{text}");
        }
    }
}
