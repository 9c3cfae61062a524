//! Dimensions: how they are named, and their values.
//!
//! A dimension is a field of the ARC, or of its sub-contexts as `detect.label`: the class of the sub-context,
//! in full or without that of its parent, and the field.

use mona_collector::View;
use serde_json::Number;

use crate::arcs::arc::{Context, write_value};
use crate::arcs::fields::Field;
use crate::arcs::names::Names;

/// Characters of a value; longer ones are cut, and one if they begin alike.
const MAX_TEXT: usize = 200;

/// The rank of an ARC without the field: behind all others.
const ABSENT: u8 = 3;

/// A value of a dimension, in the order of the table: numbers, texts, then what has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dimension {
    rank: u8,
    /// Orders numbers as integers of the same order as their values.
    number: i64,
    pub(crate) text: String,
}

impl Dimension {
    pub(crate) fn of(value: Option<View<'_>>) -> Dimension {
        let Some(value) = value else {
            return Dimension { rank: ABSENT, number: 0, text: "(none)".to_owned() };
        };
        let mut json = Vec::new();
        write_value(value, &mut json);
        Dimension::of_json(&String::from_utf8_lossy(&json))
    }

    fn of_json(value: &str) -> Dimension {
        let mut text = match value.as_bytes().first() {
            Some(b'"') => serde_json::from_str(value).unwrap_or_default(),
            Some(b'[') => "(list)".to_owned(),
            Some(b'{') => "(object)".to_owned(),
            // Integers keep all of their digits; of 1.5 and 1.50 one is made.
            _ if !value.contains(['.', 'e', 'E']) => value.to_owned(),
            _ => value.parse::<Number>().map_or_else(|_| value.to_owned(), |number| number.to_string()),
        };
        if let Some((cut, _)) = text.char_indices().nth(MAX_TEXT) {
            text.truncate(cut);
            text.push('…');
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                // The order of totalOrder (IEEE 754) for the bits of a float.
                let bits = number.to_bits().cast_signed();
                let number = bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed();
                Dimension { rank: 0, number, text }
            }
            _ => Dimension { rank: 1, number: 0, text },
        }
    }

    /// Whether the ARC had the field at all.
    pub(crate) fn is_named(&self) -> bool {
        self.rank != ABSENT
    }

    pub(crate) fn other() -> Dimension {
        Dimension { rank: 2, number: 0, text: "(other values)".to_owned() }
    }
}

/// A class without that of its parent: `digits/classify` in `digits` is `classify`.
pub(crate) fn below<'a>(class: &'a str, above: &str) -> &'a str {
    let rest = class.strip_prefix(above).filter(|_| !above.is_empty());
    rest.and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.is_empty()).unwrap_or(class)
}

/// The names that one dimension has for the fields of a context: as it was asked for, and without the classes
/// that lead there.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a>(Vec<&'a str>);

impl<'a> Wanted<'a> {
    pub(crate) fn new(dimension: &'a str) -> Wanted<'a> {
        Wanted(vec![dimension])
    }

    /// Those in a sub-context of this class, in one of class `above`.
    pub(crate) fn inside(&self, class: &str, above: &str) -> Wanted<'a> {
        let behind = |name: &'a str, class: &str| name.strip_prefix(class)?.strip_prefix('.');
        let short = below(class, above);
        let mut all = self.0.clone();
        for name in &self.0 {
            all.extend(behind(name, short).or_else(|| behind(name, class)).filter(|name| !name.is_empty()));
        }
        Wanted(all)
    }

    pub(crate) fn is(&self, field: &str) -> bool {
        self.0.contains(&field)
    }

    /// The value among these fields; of two with one name the last one.
    pub(crate) fn among<'f>(
        &self,
        fields: impl Iterator<Item = Field<'f>>,
        names: &Names,
    ) -> Option<View<'f>> {
        fields.filter(|field| self.is(names.text(field.name))).last().map(|field| field.value)
    }

    /// The value in the first sub-context that has it.
    pub(crate) fn below<'f>(&self, context: &'f Context, names: &Names) -> Option<View<'f>> {
        let above = context.class.as_deref().unwrap_or_default();
        context.subs().find_map(|(_, sub)| {
            let inside = self.inside(sub.class.as_deref().unwrap_or_default(), above);
            inside.among(sub.fields.all(), names).or_else(|| inside.below(sub, names))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dimensions_sort_as_people_expect() {
        let values =
            [json!("b"), json!(10), json!("9"), json!(-1.5), json!(-20), json!("a"), json!(true), json!([])];
        let mut sorted: Vec<Dimension> = values
            .iter()
            .map(|value| Dimension::of(Some(View::Json(value.to_string().as_bytes()))))
            .collect();
        sorted.extend([Dimension::of(None), Dimension::other()]);
        sorted.sort();
        let texts: Vec<&str> = sorted.iter().map(|value| value.text.as_str()).collect();
        assert_eq!(texts, ["-20", "-1.5", "9", "10", "(list)", "a", "b", "true", "(other values)", "(none)"]);
    }

    #[test]
    fn a_class_is_shown_below_its_parent() {
        assert_eq!(below("digits/ink", "digits"), "ink");
        assert_eq!(below("digitsink", "digits"), "digitsink");
        assert_eq!(below("digits/", "digits"), "digits/");
        assert_eq!(below("/x", ""), "/x");
    }

    #[test]
    fn a_class_leads_to_its_fields() {
        let wanted = Wanted::new("detect.crop.label");
        let detect = wanted.inside("run/detect", "run");
        assert!(detect.is("crop.label") && detect.is("detect.crop.label") && !detect.is("label"));
        assert!(detect.inside("run/detect/crop", "run/detect").is("label"));
        assert!(detect.inside("crop", "run/detect").is("label"));
        assert!(!wanted.inside("run/crop", "run").is("label"));
        assert!(Wanted::new("run/detect.x").inside("run/detect", "run").is("x"));
        assert!(!Wanted::new("detect.").inside("detect", "").is(""));
    }
}
