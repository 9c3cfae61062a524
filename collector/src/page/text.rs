//! Text from events, made fit to be shown: escaped, cut, its direction kept inside, hidden characters visible.

use maud::{Markup, html};

use crate::proto::hidden::is_hidden;

/// What a cell of a table shows of a text.
pub(crate) const CELL: usize = 120;
/// What a line of its own shows.
pub(crate) const LINE: usize = 2_000;

/// The text as it may stand in a page, at most so many characters of it.
pub(crate) fn shown(text: &str, most: usize) -> Markup {
    if text.is_empty() {
        return html! { span.none { "(empty)" } };
    }
    let (text, is_cut) = cut(text, most);
    html! {
        bdi { (visible(text)) }
        @if is_cut { span.cut title="cut here; follow the link for the whole" { "…" } }
    }
}

/// At most so many characters of the text, and whether that is not all.
pub(crate) fn cut(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((at, _)) => (text.get(..at).unwrap_or(text), true),
        None => (text, false),
    }
}

/// Hidden characters become marks; maud escapes the rest.
fn visible(text: &str) -> Markup {
    let pieces = pieces(text);
    html! {
        @for (text, hidden) in pieces {
            @if hidden {
                @for letter in text.chars() { span.hidden { (letter.escape_unicode()) } }
            } @else { (text) }
        }
    }
}

/// The text in pieces that are hidden or are not.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = is_mark(first);
        let end = rest.find(|letter| is_mark(letter) != hidden).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push((piece, hidden));
        rest = after;
    }
    pieces
}

/// A line feed and a tab are shown as such.
fn is_mark(letter: char) -> bool {
    letter != '\n' && letter != '\t' && is_hidden(letter)
}

/// The text for an attribute or a title, which takes no marks: hidden characters as `\u{202e}`.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let (text, is_cut) = cut(text, most);
    let mut plain = String::with_capacity(text.len() + 4);
    for letter in text.chars() {
        if is_hidden(letter) { plain.extend(letter.escape_unicode()) } else { plain.push(letter) }
    }
    if is_cut {
        plain.push('…');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_shown_and_what_is_markup_is_escaped() {
        let text = shown("a<b>\u{202e}&\"\u{0}", 100).into_string();
        assert_eq!(
            text,
            "<bdi>a&lt;b&gt;<span class=\"hidden\">\\u{202e}</span>&amp;&quot;<span class=\"hidden\">\\u{0}</span></bdi>"
        );
        assert_eq!(shown("", 1).into_string(), "<span class=\"none\">(empty)</span>");
        assert_eq!(plain("a\u{202e}\nb", 10), "a\\u{202e}\\u{a}b");
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), ("äö", true));
        assert_eq!(cut("äöü", 3), ("äöü", false));
        assert!(shown(&"x".repeat(1 << 20), CELL).into_string().len() < 300);
        assert_eq!(plain("abc", 2), "ab…");
    }
}
