//! Names from events as names of tables and columns.
//!
//! SQLite takes any text in quotes, but compares names without the case of ASCII letters, keeps some for
//! itself and gets slow with long ones.

use std::borrow::Cow;
use std::collections::HashSet;

use siphasher::sip::SipHasher13;

/// Bytes of a class or field name that are told apart; longer ones are cut and get the sum of the whole.
const MAX_NAME: usize = 256;
/// Bytes of the name of a table or column: longer ones are not typed by anybody.
const MAX_IDENTIFIER: usize = 100;
/// How the names of our tables, of SQLite's and of its functions that are read like tables begin. A table of such a
/// name is refused, or hides the function from every statement that asks it.
const KEPT: [&str; 5] = ["mona_", "sqlite_", "pragma_", "json_", "jsonb_"];
/// What SQLite calls the number of a row: it adds no column of such a name.
pub(crate) const ROW_NUMBERS: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// A name of bounded length; different names stay different.
pub(crate) fn bounded(name: &str) -> Cow<'_, str> {
    shortened(name, MAX_NAME)
}

/// A text of at most so many bytes: a longer one ends in a sum of the whole.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let kept = start(text, most.saturating_sub(20));
    Cow::Owned(format!("{kept}…{:016x}", SipHasher13::new().hash(text.as_bytes())))
}

/// The start of a text, at most so many bytes of whole characters.
pub(crate) fn start(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Names that are in use, in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(HashSet<String>);

impl Taken {
    /// These are in use.
    pub(crate) fn with(names: impl IntoIterator<Item = String>) -> Taken {
        Taken(names.into_iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// This one is in use.
    pub(crate) fn add(&mut self, name: &str) {
        self.0.insert(name.to_ascii_lowercase());
    }

    /// A name like this one that is not in use, and is from now on.
    pub(crate) fn free(&mut self, name: &str) -> String {
        let plain: String = name.chars().filter(|letter| *letter != '\0').collect();
        let plain = match start(&plain, MAX_IDENTIFIER) {
            "" => "(empty)",
            kept => kept,
        };
        let lower = plain.to_ascii_lowercase();
        let wanted = match KEPT.iter().any(|kept| lower.starts_with(kept)) {
            true => format!("class_{plain}"),
            false => plain.to_owned(),
        };
        let mut number = 1;
        let mut free = wanted.clone();
        while !self.0.insert(free.to_ascii_lowercase()) {
            number += 1;
            free = format!("{wanted}_{number}");
        }
        free
    }
}

/// A name in quotes, as it stands in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_free_and_harmless() {
        let mut taken = Taken::with(["_id".to_owned(), "Label".to_owned()]);
        let long = "é".repeat(200);
        for (name, expected) in [
            ("label", "label_2"),
            ("LABEL", "LABEL_3"),
            ("_ID", "_ID_2"),
            ("", "(empty)"),
            ("a\0b", "ab"),
            ("mona_meta", "class_mona_meta"),
            ("SQLITE_x", "class_SQLITE_x"),
            ("Json_each", "class_Json_each"),
            ("pragma_page_count", "class_pragma_page_count"),
            (&long, &"é".repeat(50)),
        ] {
            assert_eq!(taken.free(name), expected);
        }
        assert_eq!(quoted("a\"; DROP TABLE x"), "\"a\"\"; DROP TABLE x\"");
        let (one, other) = ("x".repeat(1000) + "1", "x".repeat(1000) + "2");
        assert_ne!(bounded(&one), bounded(&other));
        assert!(bounded(&one).len() <= MAX_NAME);
    }
}
