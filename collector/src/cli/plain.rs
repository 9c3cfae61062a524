//! Text from the network, made fit to be shown.
//!
//! Tables and the log escape what a terminal would obey or hide; lines of JSON escape the same characters
//! in their own way, which loses nothing.

use std::fmt::Write;

use mona_collector::is_hidden;

/// Appends a character, a hidden one as `\u{202e}`.
pub(crate) fn push(text: &mut String, letter: char) {
    match is_hidden(letter) {
        true => text.extend(letter.escape_default()),
        false => text.push(letter),
    }
}

/// A whole sentence.
pub(crate) fn plain(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    sentence.chars().for_each(|letter| push(&mut text, letter));
    text
}

/// Escapes hidden characters in JSON text, from here to its end.
pub(crate) fn escape_json(out: &mut Vec<u8>, from: usize) {
    let written = out.get(from..).unwrap_or_default();
    // JSON has escaped the ASCII controls, all but DEL.
    if written.iter().all(|byte| *byte < 0x7f) {
        return;
    }
    // What is written is UTF-8: it was text, or checked when it was taken.
    let text = String::from_utf8_lossy(written).into_owned();
    // Line feeds stand between lines and in no text.
    let is_hidden = |letter: char| letter != '\n' && is_hidden(letter);
    if !text.contains(is_hidden) {
        return;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(letter);
        }
    }
    out.truncate(from);
    out.extend_from_slice(escaped.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let hostile = "a\u{202e}b\u{1b}[31m\u{9b}1m\u{200b}\u{2066}\u{feff}\u{2028}\u{e0041}\r";
        assert_eq!(
            plain(hostile),
            r"a\u{202e}b\u{1b}[31m\u{9b}1m\u{200b}\u{2066}\u{feff}\u{2028}\u{e0041}\r"
        );
        for kept in ["größer", "日本語", "हिन्दी", "שלום", "e\u{301}", "❤️"] {
            assert_eq!(plain(kept), kept);
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        for text in ["plain", "größer", "a\u{202e}b\u{9b}\u{7f}\u{e0041}"] {
            let mut out = b"\"\xe2\x80\xae\",".to_vec();
            let from = out.len();
            out.extend(serde_json::to_vec(text).unwrap());
            escape_json(&mut out, from);
            assert_eq!(&out[..from], b"\"\xe2\x80\xae\",", "what stands before is left alone");
            let written = std::str::from_utf8(&out[from..]).unwrap();
            assert!(!written.chars().any(is_hidden), "{written}");
            assert_eq!(serde_json::from_str::<String>(written).unwrap(), text);
        }
    }
}
