//! Compares what a scenario gave with what it expects.
//!
//! Results are compared operation by operation. Records are compared in order for each thread: the
//! records that arrived must be an interleaving of what every thread sent. Generated ids stand for
//! `<uuidN>` and must agree everywhere and differ from each other.

use super::{Scenario, thread_of};
use crate::native::status;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The tag of every record.
const TAG: &str = "mona.client.message";
/// `<now>` means within this many seconds.
const NOW_SLACK: u64 = 2;

/// What was seen: the report of the program, and the records with tag and time where they have them.
pub struct Observed {
    /// The report of `play`.
    pub report: Value,
    /// The records: whole (`tag`, `time`, `record`) from a collector, bare from `memory:`.
    pub records: Vec<Value>,
    /// Whether the records came as JSON, where NaN and the infinities are null.
    pub as_json: bool,
}

/// Reads JSON of any depth: records may be as deep as `max_depth` allows.
pub fn read_json(text: &str) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let value = serde_core::Deserialize::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The generated id seen for each placeholder.
type Ids = BTreeMap<String, String>;

/// Every difference, one line each; none: the scenario passed.
pub fn judge(scenario: &Scenario, observed: &Observed) -> Vec<String> {
    let mut differences = Vec::new();
    let mut ids = Ids::new();
    let seen = observed.report["ops"].as_array().cloned().unwrap_or_default();
    if seen.len() != scenario.ops.len() {
        differences.push(format!("{} operations played, {} expected", seen.len(), scenario.ops.len()));
    }
    for (index, (op, (expected, seen))) in
        scenario.ops.iter().zip(scenario.results.iter().zip(&seen)).enumerate()
    {
        if let Err(difference) = judge_result(scenario, op, expected, seen, &mut ids) {
            differences.push(format!("op {index} {op}\n    {difference}"));
        }
    }
    let closed = scenario.ops.iter().any(|op| op["op"] == "close");
    if observed.report["flushed"] != status::OK && !closed {
        differences.push(format!("the flush at the end answered {}", observed.report["flushed"]));
    }
    if observed.report["balanced"] != true {
        differences.push("the counters do not add up at the end".to_owned());
    }
    if observed.report["delivered"] != scenario.wire.len() {
        let delivered = &observed.report["delivered"];
        differences.push(format!("{delivered} delivered by the counters, {} expected", scenario.wire.len()));
    }
    differences.extend(judge_wire(scenario, observed, &ids));
    differences
}

fn judge_result(
    scenario: &Scenario,
    op: &Value,
    expected: &Value,
    seen: &Value,
    ids: &mut Ids,
) -> Result<(), String> {
    let code = seen["status"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
    let failed = code != status::OK;
    let said = format!("status {code}, {}", seen["said"].as_str().unwrap_or_default());
    if expected.get("err").is_some() {
        return if failed { Ok(()) } else { Err(format!("expected an error, got {said}")) };
    }
    let ok = &expected["ok"];
    let name = op["op"].as_str().unwrap_or_default();
    let emits = seen["emits"].as_u64().unwrap_or(u64::MAX);
    if name == "export" && ok == &Value::Bool(false) {
        return if failed { Ok(()) } else { Err(format!("expected an error, got {said}")) };
    }
    // Where the interface says whether an event was taken, it says so for what was accepted.
    if let (false, "export", Some(taken)) = (failed, name, seen["text"].as_str())
        && taken != (ok == &Value::Bool(true)).to_string()
    {
        return Err(format!("expected {ok}, got taken = {taken}"));
    }
    // An `init` on a closed client keeps its value and answers an error; its record counts nowhere.
    let emits_count =
        !(failed && scenario.env.iter().any(|(name, _)| name == "MONA_SHOULD_RAISE_EXCEPTIONS"));
    if emits_count && expected["emits"] != emits {
        return Err(format!("expected {} emitted, got {emits} ({said})", expected["emits"]));
    }
    let must_succeed = match name {
        "export" => ok == &Value::Bool(true),
        "export_batch"
        | "reset"
        | "set_disabled"
        | "close"
        | "thread_start"
        | "new_context_exit"
        | "new_sub_context_exit" => true,
        _ => false,
    };
    if must_succeed && failed {
        return Err(format!("expected {ok}, got {said}"));
    }
    match ok.as_str() {
        Some(text) if name != "export_batch" => {
            let got = seen["text"].as_str().unwrap_or_default();
            if same_text(text, got, ids) {
                Ok(())
            } else {
                Err(format!("expected {text:?}, got {got:?} ({said})"))
            }
        }
        _ => Ok(()),
    }
}

/// Compares texts in which the expected one may hold `<uuidN>`; binds those that are new.
fn same_text(expected: &str, got: &str, ids: &mut Ids) -> bool {
    let (mut expected, mut got) = (expected, got);
    while let Some((before, rest)) = expected.split_once("<uuid") {
        let Some((number, after)) = rest.split_once('>') else { break };
        let Some(id) = got.strip_prefix(before).and_then(|got| got.get(..36)) else { return false };
        if !is_uuid(id) {
            return false;
        }
        match ids.get(number) {
            Some(known) if known != id => return false,
            Some(_) => {}
            None if ids.values().any(|known| known == id) => return false,
            None => drop(ids.insert(number.to_owned(), id.to_owned())),
        }
        got = &got[before.len() + 36..];
        expected = after;
    }
    expected == got
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// The records each thread has to send, in order.
fn lanes(scenario: &Scenario) -> Vec<Vec<&Value>> {
    let mut lanes: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in &scenario.wire {
        let op = record["op"].as_u64().and_then(|op| scenario.ops.get(usize::try_from(op).ok()?));
        let thread = match op {
            Some(op) if op["op"] == "thread_start" => op["new"].as_str().unwrap_or("main"),
            Some(op) => thread_of(op),
            None => "main",
        };
        lanes.entry(thread.to_owned()).or_default().push(record);
    }
    lanes.into_values().collect()
}

struct Wire<'a> {
    lanes: Vec<Vec<&'a Value>>,
    observed: &'a Observed,
    now: RangeInclusive<u64>,
    /// The longest run of records that fitted, for the report.
    furthest: usize,
}

fn judge_wire(scenario: &Scenario, observed: &Observed, ids: &Ids) -> Vec<String> {
    let seconds = |name: &str| observed.report[name].as_u64().unwrap_or(0);
    let now = seconds("started").saturating_sub(NOW_SLACK)..=seconds("ended") + NOW_SLACK;
    let mut wire = Wire { lanes: lanes(scenario), observed, now, furthest: 0 };
    let mut heads = vec![0; wire.lanes.len()];
    if wire.fits(0, &mut heads, ids) {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "records: {} arrived, {} expected, the first {} fit",
        observed.records.len(),
        scenario.wire.len(),
        wire.furthest
    )];
    lines.extend(scenario.wire.iter().map(|record| format!("  - expected {}", short(record))));
    lines.extend(observed.records.iter().map(|record| format!("  + arrived  {}", short(record))));
    lines
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(300) {
        Some((cut, _)) => format!("{}... ({} bytes)", &text[..cut], text.len()),
        None => text,
    }
}

impl Wire<'_> {
    /// Whether the records from `next` on are an interleaving of what is left of the lanes.
    fn fits(&mut self, next: usize, heads: &mut Vec<usize>, ids: &Ids) -> bool {
        self.furthest = self.furthest.max(next);
        let Some(got) = self.observed.records.get(next) else {
            return heads.iter().zip(&self.lanes).all(|(head, lane)| *head == lane.len());
        };
        for lane in 0..heads.len() {
            let Some(expected) = self.lanes[lane].get(heads[lane]) else { continue };
            let mut tried = ids.clone();
            if !self.same_record(expected, got, &mut tried) {
                continue;
            }
            heads[lane] += 1;
            if self.fits(next + 1, heads, &tried) {
                return true;
            }
            heads[lane] -= 1;
        }
        false
    }

    fn same_record(&self, expected: &Value, got: &Value, ids: &mut Ids) -> bool {
        if self.observed.as_json {
            return self.same(&expected["record"], got, ids);
        }
        got["tag"] == TAG
            && self.same(&expected["time"], &got["time"], ids)
            && self.same(&expected["record"], &got["record"], ids)
    }

    fn same(&self, expected: &Value, got: &Value, ids: &mut Ids) -> bool {
        match expected {
            Value::String(text) if text == "<now>" => {
                got.as_u64().is_some_and(|seconds| self.now.contains(&seconds))
            }
            Value::String(text) => got.as_str().is_some_and(|got| same_text(text, got, ids)),
            Value::Array(items) => got.as_array().is_some_and(|got| {
                items.len() == got.len()
                    && items.iter().zip(got).all(|(expected, got)| self.same(expected, got, ids))
            }),
            Value::Object(fields) => self.same_fields(fields, got, ids),
            plain => plain == got,
        }
    }

    /// Fields in their order: a record is a list of pairs on the wire.
    fn same_fields(&self, fields: &serde_json::Map<String, Value>, got: &Value, ids: &mut Ids) -> bool {
        if let Some((name, special)) = fields.iter().next()
            && fields.len() == 1
            && name.starts_with('$')
        {
            return self.same_special(name, special, got, ids);
        }
        let Some(got) = got.as_object() else { return false };
        fields.len() == got.len()
            && fields.iter().zip(got).all(|((key, expected), (got_key, got))| {
                key == got_key
                    && match key.as_str() {
                        "MONA_INVALID_EXPORT_TIMESTAMP" if expected.is_number() => {
                            expected.as_f64() == got.as_f64()
                        }
                        _ => self.same(expected, got, ids),
                    }
            })
    }

    fn same_special(&self, name: &str, special: &Value, got: &Value, ids: &mut Ids) -> bool {
        match name {
            "$float" if self.observed.as_json => got.is_null(),
            "$float" => got["$float"] == *special,
            "$nest" => {
                let mut inner = got;
                for _ in 0..special["depth"].as_u64().unwrap_or(0) {
                    let next = match special["kind"].as_str() {
                        Some("list") => {
                            inner.as_array().filter(|items| items.len() == 1).map(|items| &items[0])
                        }
                        _ => inner
                            .as_object()
                            .filter(|fields| fields.len() == 1)
                            .and_then(|fields| fields.get("k")),
                    };
                    let Some(next) = next else { return false };
                    inner = next;
                }
                self.same(&special["leaf"], inner, ids)
            }
            "$repeat" => {
                let times = special["n"].as_u64().and_then(|times| usize::try_from(times).ok()).unwrap_or(0);
                got.as_str() == Some(&special["s"].as_str().unwrap_or_default().repeat(times))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scenario(wire: Value) -> Scenario {
        Scenario {
            id: "x".into(),
            title: "x".into(),
            level: "c".into(),
            env: vec![],
            config: None,
            ops: vec![
                json!({"op": "thread_start", "new": "t", "kind": "plain"}),
                json!({"op": "export", "thread": "t", "message": {}}),
                json!({"op": "export", "message": {}}),
            ],
            results: vec![],
            wire: wire.as_array().cloned().unwrap(),
        }
    }

    fn wire(records: Value) -> Observed {
        Observed {
            report: json!({"started": 100, "ended": 101}),
            records: records.as_array().cloned().unwrap(),
            as_json: true,
        }
    }

    #[test]
    fn threads_interleave_but_keep_their_own_order() {
        let expected = scenario(json!([
            {"op": 2, "record": {"n": 1}}, {"op": 1, "record": {"n": 2}}, {"op": 2, "record": {"n": 3}}
        ]));
        let none = Ids::new();
        assert!(judge_wire(&expected, &wire(json!([{"n": 2}, {"n": 1}, {"n": 3}])), &none).is_empty());
        assert!(judge_wire(&expected, &wire(json!([{"n": 1}, {"n": 3}, {"n": 2}])), &none).is_empty());
        assert!(!judge_wire(&expected, &wire(json!([{"n": 3}, {"n": 1}, {"n": 2}])), &none).is_empty());
        assert!(!judge_wire(&expected, &wire(json!([{"n": 1}, {"n": 3}])), &none).is_empty());
    }

    #[test]
    fn generated_ids_agree_and_differ() {
        let (one, two) = ("0f0e7f0a-1111-4222-8333-444455556666", "0f0e7f0a-1111-4222-8333-444455556667");
        let mut ids = Ids::new();
        assert!(same_text("a.<uuid1>.<uuid2>", &format!("a.{one}.{two}"), &mut ids));
        assert!(same_text("<uuid1>", one, &mut ids));
        assert!(!same_text("<uuid1>", two, &mut ids));
        assert!(!same_text("<uuid3>", two, &mut ids));
        assert!(!same_text("<uuid4>", "not-an-id", &mut ids));
    }

    #[test]
    fn now_order_and_special_values_count() {
        let check = |expected: Value, got: Value| {
            judge_wire(&scenario(json!([{"op": 2, "record": expected}])), &wire(json!([got])), &Ids::new())
                .is_empty()
        };
        assert!(check(json!({"t": "<now>"}), json!({"t": 102})));
        assert!(!check(json!({"t": "<now>"}), json!({"t": 110})));
        assert!(!check(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})));
        assert!(!check(json!({"a": 1}), json!({"a": 1.0})));
        assert!(check(
            json!({"MONA_INVALID_EXPORT_TIMESTAMP": 5}),
            json!({"MONA_INVALID_EXPORT_TIMESTAMP": 5.0})
        ));
        assert!(check(json!({"a": {"$nest": {"kind": "list", "depth": 2, "leaf": 1}}}), json!({"a": [[1]]})));
        assert!(!check(
            json!({"a": {"$nest": {"kind": "list", "depth": 2, "leaf": 1}}}),
            json!({"a": [[[1]]]})
        ));
    }
}
