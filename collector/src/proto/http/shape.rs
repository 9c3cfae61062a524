//! How deep JSON text nests and how many values it holds, without reading it.
//!
//! Looked at before the text is parsed: a parser takes memory for each level and each value.

/// libmona's `max_depth` can be raised to 512, and a record adds a few levels. Reading JSON recurses: more
/// would not fit the stack of a thread in a build without optimisation.
pub(crate) const MAX_DEPTH: usize = 600;

/// What a text holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) deepest: usize,
    /// No fewer than there are.
    pub(crate) values: usize,
}

impl Shape {
    /// That of valid JSON; of other text it is some shape.
    pub(crate) fn of(text: &[u8]) -> Shape {
        let (mut depth, mut shape) = (0usize, Shape { deepest: 0, values: 1 });
        let (mut quoted, mut escaped) = (false, false);
        for byte in text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => {
                    depth += 1;
                    shape.values += 1;
                    shape.deepest = shape.deepest.max(depth);
                }
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                b',' if !quoted => shape.values += 1,
                _ => {}
            }
        }
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_of_text() {
        assert_eq!(Shape::of(br#"{"\"[[[":"\\","b":[1,[2]]}"#), Shape { deepest: 3, values: 6 });
        assert_eq!(Shape::of(b"1"), Shape { deepest: 0, values: 1 });
        assert_eq!(Shape::of(b"]]]["), Shape { deepest: 1, values: 2 });
    }
}
