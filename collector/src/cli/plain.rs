//! Text from the network, made fit to be shown.
//!
//! Tables and the log escape what a terminal would obey or hide; lines of JSON escape the same characters
//! in their own way, which loses nothing.

use std::io::Write;

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
    let Some((first, _)) = next_hidden(out, from) else { return };
    let rest = out.split_off(first);
    let mut at = 0;
    while let Some((found, letter)) = next_hidden(&rest, at) {
        out.extend_from_slice(rest.get(at..found).unwrap_or_default());
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
        at = found + letter.len_utf8();
    }
    out.extend_from_slice(rest.get(at..).unwrap_or_default());
}

/// As many bytes as a processor looks at together.
const BLOCK: usize = 64;

/// The first hidden character from here on, and where it is. JSON has escaped the ASCII controls, all but DEL; the
/// line feeds that are there stand between lines and in no text.
fn next_hidden(text: &[u8], mut at: usize) -> Option<(usize, char)> {
    loop {
        let rest = text.get(at..)?;
        if let Some(block) = rest.first_chunk::<BLOCK>()
            && block.iter().fold(0, |most, byte| (*byte).max(most)) < 0x7f
        {
            at += BLOCK;
            continue;
        }
        let first = rest.iter().position(|byte| *byte >= 0x7f)?;
        at += first;
        let length = match rest.get(first)? {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        let letter = rest.get(first..first + length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        match letter.and_then(|letter| letter.chars().next()) {
            Some(letter) if is_hidden(letter) => return Some((at, letter)),
            Some(_) => at += length,
            // What is written is UTF-8: it was text, or checked when it was taken.
            None => at += 1,
        }
    }
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
        let long = "x".repeat(200);
        let late = format!("{long}\u{7f}{long}é\u{2028}{long}\u{e0041}");
        for text in ["plain", "größer", "a\u{202e}b\u{9b}\u{7f}\u{e0041}", &long, &late] {
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
