//! The name of an ARC class beside its context, for lines of the log.

use crate::encode::ArcClass;

/// Bytes that are kept of a name: nearly all names, and no allocation.
const MOST: usize = 55;

/// The beginning of the name of an ARC class; empty where the context has none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassName {
    len: usize,
    bytes: [u8; MOST],
    is_cut: bool,
}

impl ClassName {
    pub(crate) fn new(class: Option<&ArcClass<'_>>) -> ClassName {
        let name = class.and_then(ArcClass::name).unwrap_or_default().as_bytes();
        let (mut bytes, len) = ([0; MOST], name.len().min(MOST));
        if let (Some(place), Some(kept)) = (bytes.get_mut(..len), name.get(..len)) {
            place.copy_from_slice(kept);
        }
        ClassName { len, bytes, is_cut: len < name.len() }
    }

    /// `ARC class "name", `, or nothing.
    pub(crate) fn shown(&self) -> String {
        let kept = self.bytes.get(..self.len).unwrap_or_default();
        // A cut may have gone through a character.
        let name = kept.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let rest = if self.is_cut { "..." } else { "" };
        if name.is_empty() { String::new() } else { format!("ARC class {name:?}{rest}, ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_far_as_it_is_kept() {
        let shown = |name: &str| ClassName::new(Some(&name.into())).shown();
        assert_eq!(shown("ranker"), "ARC class \"ranker\", ");
        assert_eq!(shown(""), "");
        assert_eq!(shown("a\n\"b\""), "ARC class \"a\\n\\\"b\\\"\", ");
        assert_eq!(shown(&"x".repeat(MOST)), format!("ARC class \"{}\", ", "x".repeat(MOST)));
        assert_eq!(
            shown(&"\u{e9}".repeat(MOST)),
            format!("ARC class \"{}\"..., ", "\u{e9}".repeat(MOST / 2))
        );
        assert_eq!(ClassName::new(None).shown(), "");
        assert_eq!(ClassName::new(Some(&ArcClass::Other([7].into()))).shown(), "");
    }
}
