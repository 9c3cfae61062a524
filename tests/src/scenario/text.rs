//! JSON text for the values of a scenario, those included that JSON cannot hold.
//!
//! The result is what a C program would pass to an export: bare words for NaN and the infinities,
//! digits beyond 64 bits as they are, lone surrogates as escapes, keys that are no text as JSON writes them. A value that
//! only a host language has is a word that JSON does not have: like a binding, the library refuses it.

use serde_json::Value;

/// The source text of a value; `$` placeholders are written out.
pub fn json_text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => match fields.iter().next() {
            Some((name, special)) if fields.len() == 1 && name.starts_with('$') => {
                write_special(name, special, out);
            }
            _ => write_fields(fields.iter().map(|(key, item)| (key.as_str(), item)), out),
        },
        plain => out.push_str(&plain.to_string()),
    }
}

fn write_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) {
    out.push('{');
    for (index, (key, item)) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(key).to_string());
        out.push(':');
        write(item, out);
    }
    out.push('}');
}

fn write_special(name: &str, special: &Value, out: &mut String) {
    match name {
        "$float" | "$int" | "$json_text" | "$nonjson" => out.push_str(special.as_str().expect("a text")),
        "$utf16" => {
            out.push('"');
            for unit in special.as_array().expect("code units") {
                out.push_str(&format!("\\u{:04x}", unit.as_u64().expect("a code unit")));
            }
            out.push('"');
        }
        "$repeat" => {
            let times = usize::try_from(special["n"].as_u64().expect("a count")).expect("a small count");
            let text = special["s"].as_str().expect("a text").repeat(times);
            out.push_str(&Value::from(text).to_string());
        }
        "$nest" => {
            let depth = usize::try_from(special["depth"].as_u64().expect("a depth")).expect("a small depth");
            let (open, close) = match special["kind"].as_str() {
                Some("list") => ("[", "]"),
                _ => ("{\"k\":", "}"),
            };
            out.push_str(&open.repeat(depth));
            write(&special["leaf"], out);
            out.push_str(&close.repeat(depth));
        }
        "$map" => {
            let pairs = special.as_array().expect("pairs");
            let pair = |pair: &'_ Value| pair.as_array().cloned().expect("a pair");
            let pairs: Vec<Vec<Value>> = pairs.iter().map(pair).collect();
            let key = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            let fields: Vec<(String, &Value)> = pairs.iter().map(|pair| (key(&pair[0]), &pair[1])).collect();
            write_fields(fields.iter().map(|(key, value)| (key.as_str(), *value)), out);
        }
        other => panic!("{other}: not a value the C interface can form"),
    }
}

#[cfg(test)]
mod tests {
    use super::json_text;
    use serde_json::json;

    #[test]
    fn placeholders_become_source_text() {
        let value = json!({"a": {"$float": "NaN"}, "b": [{"$int": "18446744073709551616"}], "c": {"$utf16": [97, 55296]}});
        assert_eq!(json_text(&value), r#"{"a":NaN,"b":[18446744073709551616],"c":"\u0061\ud800"}"#);
        assert_eq!(json_text(&json!({"$nest": {"kind": "dict", "depth": 2, "leaf": 1}})), r#"{"k":{"k":1}}"#);
        assert_eq!(json_text(&json!({"$repeat": {"s": "xy", "n": 2}})), r#""xyxy""#);
        assert_eq!(json_text(&json!({"$map": [["a", 1], ["a", 2]]})), r#"{"a":1,"a":2}"#);
        assert_eq!(
            json_text(&json!({"$map": [[1, "x"], [null, 2], [2.5, 3], [true, 4]]})),
            r#"{"1":"x","null":2,"2.5":3,"true":4}"#
        );
        assert_eq!(json_text(&json!({"a": {"$nonjson": "set"}})), r#"{"a":set}"#);
        assert_eq!(json_text(&json!({"$json_text": "{\"a\": 1}"})), "{\"a\": 1}");
    }
}
