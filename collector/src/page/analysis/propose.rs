//! Which dimension a view begins with.

use super::fields::Offered;
use super::look::Look;

/// Groups of a dimension that the page proposes by itself: what a chart shows and a person reads.
const MAX_GROUPS: usize = 30;

/// The dimension that a view shows before one is chosen: a text, or true and false, with a few values, of the ARC itself
/// before one of a stage; then a number with a few; then whatever has the fewest.
pub(crate) fn proposed<'a>(fields: &'a [Offered], kapi: &str) -> Option<&'a Offered> {
    let others = || fields.iter().filter(|field| field.name != kapi && !field.look.is_id);
    let splits = |field: &&Offered| {
        let Look { present, distinct, .. } = field.look;
        (2..=MAX_GROUPS).contains(&distinct) && distinct < present
    };
    let texts = || others().filter(|field| field.is_dimension());
    let several = |field: &&Offered| field.look.distinct > 1;
    let fewest = texts().filter(several).min_by_key(|field| field.look.distinct);
    // A share is the answer more often than the question.
    let first = texts().filter(splits).min_by_key(|field| field.is_share());
    first.or_else(|| others().find(splits)).or(fewest).or_else(|| texts().next())
}

#[cfg(test)]
mod tests {
    use super::super::look::of;
    use super::*;
    use crate::store::Value;

    fn field(name: &str, is_kapi: bool, values: &[Value]) -> Offered {
        let look = of(name, &values.iter().collect::<Vec<_>>());
        let kind = if is_kapi { "INTEGER" } else { "TEXT" };
        Offered { name: name.to_owned(), kind: kind.to_owned(), is_kapi, is_inner: false, look }
    }

    fn texts(many: usize) -> Vec<Value> {
        (0..90).map(|n| Value::Text(format!("{}", n % many))).collect()
    }

    fn numbers(many: i64) -> Vec<Value> {
        (0..90).map(|n| Value::Int(n % many)).collect()
    }

    #[test]
    fn a_dimension_with_a_few_values_is_proposed() {
        let model = field("model", false, &texts(1));
        let request = field("request", false, &texts(90));
        let label = field("label", false, &texts(10));
        let stage = field("stage", true, &numbers(3));
        let user = field("user_id", true, &numbers(3));
        let all = [model.clone(), request.clone(), user.clone(), stage.clone(), label];
        let name = |fields: &[Offered]| proposed(fields, "confidence").map(|field| field.name.clone());
        assert_eq!(name(&all).as_deref(), Some("label"));
        assert_eq!(name(&all[..4]).as_deref(), Some("stage"), "a number with a few values is one too");
        assert_eq!(name(&all[..3]).as_deref(), Some("request"), "no id of numbers is proposed");
        assert_eq!(name(&all[..1]).as_deref(), Some("model"));
        assert_eq!(name(&[user]), None);
        assert_eq!(proposed(&all, "label").map(|field| field.name.as_str()), Some("stage"));
    }
}
