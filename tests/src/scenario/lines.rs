//! Scenarios for programs in other languages: operations as lines of words, and the lines that they answer as a report.
//!
//! A line has words `name=value` with tabs between them; tabs, line breaks and percent signs in values are %09, %0a and
//! %25. What only a host with types of its own can say is no line.

use super::{Scenario, json_text, thread_of};
use serde_json::{Value, json};

/// The operations, a line each; none where there is something among them that cannot be said.
pub fn lines(scenario: &Scenario) -> Option<String> {
    if !scenario.ops.iter().all(can_be_said) {
        return None;
    }
    Some(scenario.ops.iter().map(|op| line(op) + "\n").collect())
}

/// Values that no JSON has, keys that are no text, and ids that are none.
fn can_be_said(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(can_be_said),
        Value::Object(fields) => {
            let is_id = |name: &str| name == "context_id" || name == "sub_context_id";
            let has_text = |pair: &Value| pair[0].is_string();
            fields.iter().all(|(name, item)| match name.as_str() {
                "$nonjson" => false,
                "$map" => item.as_array().is_some_and(|pairs| pairs.iter().all(has_text)),
                name if is_id(name) => item.is_string() || item.is_null(),
                _ => can_be_said(item),
            })
        }
        _ => true,
    }
}

fn line(op: &Value) -> String {
    let name = op["op"].as_str().expect("an operation");
    let mut words = vec![word("op", name), word("thread", thread_of(op))];
    for (key, value) in op.as_object().expect("an object") {
        match (key.as_str(), value) {
            ("op" | "thread" | "raise", _) => {}
            ("arc_class", value) => words.push(word("class", &any(value))),
            // In the language of the recording this is the number 1.
            ("export_timestamp", Value::Bool(true)) => words.push(word("time", "i:1")),
            ("export_timestamp", value) => words.push(word("time", &any(value))),
            ("context_id" | "sub_context_id", Value::String(id)) => words.push(word("id", id)),
            ("context_id" | "sub_context_id", _) => {}
            ("message" | "events", value) => words.push(word(key, &json_text(value))),
            ("params", value) => words.push(word("options", &options(value))),
            (_, Value::String(text)) => words.push(word(key, text)),
            (_, value) => words.push(word(key, &value.to_string())),
        }
    }
    words.join("\t")
}

fn word(name: &str, value: &str) -> String {
    let value = value.replace('%', "%25").replace('\t', "%09").replace('\n', "%0a");
    format!("{name}={value}")
}

/// A value with a letter for its kind.
fn any(value: &Value) -> String {
    match value {
        Value::Null => "n:".to_owned(),
        Value::Bool(is_true) => format!("b:{}", u8::from(*is_true)),
        Value::String(text) => format!("s:{text}"),
        Value::Number(number) if number.is_i64() => format!("i:{number}"),
        Value::Number(number) if number.is_u64() => format!("u:{number}"),
        Value::Number(number) => format!("f:{number}"),
        other => match other["$float"].as_str() {
            Some(name) => format!("f:{name}"),
            None => format!("j:{}", json_text(other)),
        },
    }
}

/// Names and values of options, each ended by a line break.
fn options(params: &Value) -> String {
    let params = params.as_object().expect("params");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    params.iter().map(|(name, value)| format!("{name}\n{}\n", text(value))).collect()
}

/// The report of what a program answered: for each operation a line with status, records and text; a line `end` with
/// the status of the flush, the number delivered and whether the counters add up; and the records.
///
/// # Errors
///
/// The line that is none of these.
pub fn report(answer: &str, operations: usize) -> Result<Value, String> {
    let mut answered = answer.lines();
    let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
    let mut ops = Vec::new();
    for line in answered.by_ref().take(operations) {
        let mut words = line.splitn(3, '\t');
        let (Some(status), Some(emits)) = (number(words.next()), number(words.next())) else {
            return Err(format!("{line:?}: a status and a number of records are expected"));
        };
        ops.push(
            json!({"status": status, "said": format!("status {status}"), "text": words.next(), "emits": emits}),
        );
    }
    let end = answered.next().unwrap_or_default();
    let words: Vec<_> = end.split('\t').collect();
    let ["end", flushed, delivered, balanced] = words.as_slice() else {
        return Err(format!("{end:?}: the end is expected"));
    };
    Ok(json!({
        "ops": ops,
        "records": answered.collect::<Vec<_>>(),
        "flushed": number(Some(flushed)),
        "balanced": *balanced == "true",
        "delivered": number(Some(delivered)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(ops: Value) -> Scenario {
        Scenario {
            id: "x".into(),
            title: "x".into(),
            level: "c".into(),
            env: vec![],
            config: None,
            ops: ops.as_array().cloned().unwrap(),
            results: vec![],
            wire: vec![],
        }
    }

    #[test]
    fn an_operation_is_a_line_of_words() {
        let ops = json!([
            {"op": "init", "arc_class": {"k": 1}, "context_id": "a\tb%", "export_timestamp": {"$float": "NaN"}},
            {"op": "export", "thread": "t", "message": {"a": {"$int": "99999999999999999999"}}}
        ]);
        let wanted = "op=init\tthread=main\tclass=j:{\"k\":1}\tid=a%09b%25\ttime=f:NaN\n\
                      op=export\tthread=t\tmessage={\"a\":99999999999999999999}\n";
        assert_eq!(lines(&scenario(ops)).as_deref(), Some(wanted));
        for ops in [
            json!([{"op": "export", "message": {"a": {"$nonjson": "set"}}}]),
            json!([{"op": "export", "message": {"$map": [[1, 2]]}}]),
            json!([{"op": "init", "context_id": 7}]),
        ] {
            assert_eq!(lines(&scenario(ops)), None);
        }
    }

    #[test]
    fn answers_become_a_report() {
        let found = report("0\t2\tid\n3\t0\nend\t0\t2\ttrue\n{}\n", 2).unwrap();
        assert_eq!(found["ops"][0]["text"], "id");
        assert_eq!(found["ops"][1], json!({"status": 3, "said": "status 3", "text": null, "emits": 0}));
        assert_eq!(
            (&found["delivered"], &found["records"], &found["balanced"]),
            (&json!(2), &json!(["{}"]), &json!(true))
        );
        assert!(report("0\t2\tid\n", 2).is_err());
        assert!(report("what\nend\t0\t0\ttrue\n", 1).is_err());
    }
}
