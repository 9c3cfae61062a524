//! Operations on one thread's context through stacks: the thread keeps one, and goes on with what each move gives.
//!
//! Classes and timestamps go out as the fields that a language binding makes of its own values.

use super::hand::{Hand, Outcome, code, pushed};
use super::json_text;
use crate::native::stack::Given;
use crate::native::{Client, Stack, status};
use serde_json::Value;
use std::collections::HashMap;

/// One thread's side: its stack and the scopes it entered.
pub(super) struct StackHand {
    stack: Stack,
    scopes: HashMap<String, u64>,
}

impl Default for StackHand {
    fn default() -> StackHand {
        StackHand { stack: Stack::EMPTY, scopes: HashMap::new() }
    }
}

impl Hand for StackHand {
    fn perform(&mut self, op: &Value) -> Outcome {
        let class = given(&op["arc_class"]);
        let handle = op["handle"].as_str().unwrap_or_default().to_owned();
        let time = given_time(&op["export_timestamp"]);
        let (id, sub_id) = (op["context_id"].as_str(), op["sub_context_id"].as_str());
        let above = self.full_id();
        match op["op"].as_str().expect("an operation") {
            "init" => {
                let moved = self.stack.open(None, &class, id, &time);
                (self.moved(moved), Some(self.full_id()))
            }
            "new_context_enter" => {
                let (status, scope, to) = self.stack.enter(None, &class, id, &time);
                self.scopes.insert(handle, scope);
                (self.moved((status, to)), Some(self.full_id()))
            }
            "init_sub_context" => {
                let moved = self.stack.open_sub(&class, sub_id);
                (self.moved(moved), Some(pushed(&above, &self.full_id())))
            }
            "new_sub_context_enter" => {
                let (status, scope, to) = self.stack.enter_sub(&class, sub_id);
                self.scopes.insert(handle, scope);
                (self.moved((status, to)), Some(pushed(&above, &self.full_id())))
            }
            "new_context_exit" | "new_sub_context_exit" => {
                let scope = self.scopes.remove(&handle).expect("an entered handle");
                assert_ne!(scope, 0, "a scope is never 0");
                let moved = self.stack.leave(scope);
                (self.moved(moved), None)
            }
            "close_sub_context" => {
                let moved = self.stack.close_sub(sub_id);
                (self.moved(moved), Some(self.full_id()))
            }
            "get_full_context_id" => (status::OK, Some(above)),
            "reset" => {
                let moved = self.stack.reset();
                (self.moved(moved), None)
            }
            "export" => match self.stack.export(&json_text(&op["message"]), &time) {
                Ok(is_taken) => (status::OK, Some(is_taken.to_string())),
                failed => (code(failed.map(drop)), None),
            },
            "export_batch" => self.batch(&json_text(&op["events"])),
            other => panic!("{other}: not an operation of the C interface"),
        }
    }
}

impl StackHand {
    fn moved(&mut self, (status, to): (i32, Stack)) -> i32 {
        self.stack = to;
        status
    }

    fn full_id(&self) -> String {
        self.stack.id().unwrap_or_else(|failed| format!("status {failed}"))
    }

    /// A batch gives no stack back: where it sent anything, what was open without an enter is gone.
    fn batch(&mut self, events: &str) -> Outcome {
        let accepted = || Client::default_client().map_or(0, |client| client.stats().accepted);
        let before = accepted();
        let (status, _) = self.stack.export_batch(None, events);
        if accepted() != before && self.stack.reset().1.is_empty() {
            self.stack = Stack::EMPTY;
        }
        (status, None)
    }
}

/// A timestamp as a field. To the language of the recorded client true is a number, and what has no JSON goes by its text.
fn given_time(value: &Value) -> Given {
    match (value, value["$nonjson"].as_str()) {
        (Value::Bool(true), _) => Given::I64(1),
        (_, Some("datetime")) => Given::Str("2020-01-01 00:00:00".to_owned()),
        (_, Some("complex")) => Given::Str("1j".to_owned()),
        _ => given(value),
    }
}

/// A value as a field: of the kind that a language would choose for it.
fn given(value: &Value) -> Given {
    match value {
        Value::Null => Given::Absent,
        Value::Bool(value) => Given::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Given::I64(number),
            (None, Some(number)) => Given::U64(number),
            (None, None) => Given::F64(number.as_f64().expect("a float")),
        },
        Value::String(text) => Given::Str(text.clone()),
        other => match other["$float"].as_str() {
            Some("NaN") => Given::F64(f64::NAN),
            Some("Infinity") => Given::F64(f64::INFINITY),
            Some("-Infinity") => Given::F64(f64::NEG_INFINITY),
            _ => Given::Json(json_text(other)),
        },
    }
}
