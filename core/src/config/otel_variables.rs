//! What the environment says of this program in OpenTelemetry's own variables, read once with the options.
//!
//! `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, as every SDK of OpenTelemetry reads them. They are no options:
//! they belong to the program, not to Mona, and so have no row in the table.

use std::ffi::OsString;

/// The variable with attributes.
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";

/// Most bytes of a variable that are read: more than any resource says of itself, and what every request carries.
const MOST_BYTES: usize = 8192;

/// The name of the attribute that both variables may give.
pub(crate) const SERVICE_NAME: &str = "service.name";

/// What is told of the resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OtelVariables {
    /// Keys and values, each key once; `OTEL_SERVICE_NAME` goes before what the other says of it.
    pub(crate) attributes: Vec<(String, String)>,
}

impl OtelVariables {
    /// Reads them; `env` gives a variable's text. What is wrong with one is pushed to `warnings`, and all of it left
    /// out.
    pub(super) fn read(env: &impl Fn(&str) -> Option<OsString>, warnings: &mut Vec<String>) -> OtelVariables {
        let mut text = |name: &str| {
            let text = env(name).map(OsString::into_encoded_bytes).unwrap_or_default();
            let text = String::from_utf8(text).ok().filter(|text| text.len() <= MOST_BYTES);
            if text.is_none() {
                warnings.push(wrong(name, "no UTF-8 or more than 8 KiB"));
            }
            text.unwrap_or_default()
        };
        let (name, listed) = (text("OTEL_SERVICE_NAME"), text(ATTRIBUTES));
        let mut attributes = parse(&listed).unwrap_or_else(|found| {
            warnings.push(wrong(ATTRIBUTES, found));
            Vec::new()
        });
        if !name.trim().is_empty() {
            put(&mut attributes, SERVICE_NAME.to_owned(), name.trim().to_owned());
        }
        OtelVariables { attributes }
    }
}

fn wrong(name: &str, found: &str) -> String {
    format!("{name}: {found}, a list of key=value in percent encoding is expected; all of it is left out")
}

/// `key=value` pairs between commas; the error is what was found instead.
fn parse(list: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut attributes = Vec::new();
    for pair in list.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (key, value) = pair.split_once('=').ok_or("a part without \"=\"")?;
        let decoded = |text: &str| decoded(text.trim()).ok_or("a wrong percent encoding");
        let key = decoded(key)?;
        if key.is_empty() {
            return Err("a part without a key");
        }
        put(&mut attributes, key, decoded(value)?);
    }
    Ok(attributes)
}

/// The last value of a key counts, at the place of the first.
fn put(attributes: &mut Vec<(String, String)>, key: String, value: String) {
    match attributes.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value,
        None => attributes.push((key, value)),
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: Option<&str>, list: Option<&str>) -> (Vec<(String, String)>, Vec<String>) {
        let mut warnings = Vec::new();
        let env = |asked: &str| if asked == ATTRIBUTES { list } else { name }.map(OsString::from);
        (OtelVariables::read(&env, &mut warnings).attributes, warnings)
    }

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn attributes_are_decoded() {
        let list = "service.name=shop, k8s.pod=a%2Cb%3dc%25 ,empty=,,a=b=c,%C3%A9=%e2%82%ac,a=last";
        let expected = [
            ("service.name", "shop"),
            ("k8s.pod", "a,b=c%"),
            ("empty", ""),
            ("a", "last"),
            ("\u{e9}", "\u{20ac}"),
        ];
        assert_eq!(read(None, Some(list)), (pairs(&expected), Vec::new()));
        assert_eq!(read(None, None), (Vec::new(), Vec::new()));
        assert_eq!(read(Some(" "), Some(" ")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn the_name_of_its_own_variable_counts() {
        let list = Some("a=1,service.name=list");
        assert_eq!(read(Some("own"), list).0, pairs(&[("a", "1"), ("service.name", "own")]));
        assert_eq!(read(Some("own"), None).0, pairs(&[("service.name", "own")]));
    }

    #[test]
    fn what_is_wrong_is_left_out_as_a_whole_and_said() {
        let long = format!("a={}", "x".repeat(MOST_BYTES));
        for list in ["a=1,b", "a=1,=2", "a=%4", "a=%zz", "a=%+1", "a=%ff", &long] {
            let (found, warnings) = read(Some("own"), Some(list));
            assert_eq!(found, pairs(&[("service.name", "own")]), "{list}");
            assert!(warnings.len() == 1 && warnings[0].starts_with(ATTRIBUTES), "{warnings:?}");
        }
    }
}
