//! How deep JSON text nests and how many values it holds, without reading it.
//!
//! Looked at before the text is parsed: a parser takes memory for each level and each value.

/// Ten times what libmona's `max_depth` is by default; who raises that further gets 400. Reading JSON recurses:
/// more would not fit the stack of a thread in a build without optimisation.
pub(crate) const MAX_DEPTH: usize = 600;

/// What a text holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) deepest: usize,
    /// No fewer than there are.
    pub(crate) values: usize,
}

impl Extent {
    /// That of valid JSON; of other text it is some extent.
    pub(crate) fn of(text: &[u8]) -> Extent {
        let (mut depth, mut extent) = (0usize, Extent { deepest: 0, values: 1 });
        let (mut quoted, mut escaped) = (false, false);
        for byte in text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => {
                    depth += 1;
                    extent.values += 1;
                    extent.deepest = extent.deepest.max(depth);
                }
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                b',' if !quoted => extent.values += 1,
                _ => {}
            }
        }
        extent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_of_text() {
        assert_eq!(Extent::of(br#"{"\"[[[":"\\","b":[1,[2]]}"#), Extent { deepest: 3, values: 6 });
        assert_eq!(Extent::of(b"1"), Extent { deepest: 0, values: 1 });
        assert_eq!(Extent::of(b"]]]["), Extent { deepest: 1, values: 2 });
    }
}
