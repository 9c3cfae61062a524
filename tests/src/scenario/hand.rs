//! Operations on one thread's context, as a C program makes them: through the functions of the calling thread.

use super::json_text;
use super::stack_hand::StackHand;
use crate::native::{Status, current, status};
use serde_json::Value;
use std::collections::HashMap;

/// What an operation gave: its status, and its text where it has one.
pub(super) type Outcome = (Status, Option<String>);

/// Which functions of the interface a scenario is played through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// `mona_current_`.
    Threads,
    /// `mona_stack_`, one for each thread.
    Stacks,
}

impl Through {
    /// A thread's side, made on that thread.
    pub(super) fn hand(self) -> Box<dyn Hand> {
        match self {
            Through::Threads => Box::new(ThreadHand::default()),
            Through::Stacks => Box::new(StackHand::default()),
        }
    }
}

/// One thread's side of a scenario.
pub(super) trait Hand {
    /// Makes the calls that an operation stands for.
    fn perform(&mut self, op: &Value) -> Outcome;
}

/// One thread's side: the operations on its context and the scopes it entered.
#[derive(Default)]
struct ThreadHand {
    scopes: HashMap<String, u64>,
}

impl Hand for ThreadHand {
    fn perform(&mut self, op: &Value) -> Outcome {
        let class = op["arc_class"].as_str();
        let handle = op["handle"].as_str().unwrap_or_default().to_owned();
        let timestamp = timestamp(&op["export_timestamp"]);
        match op["op"].as_str().expect("an operation") {
            "init" => {
                let outcome = current::open(class, op["context_id"].as_str(), timestamp);
                (code(outcome), Some(full_id()))
            }
            "new_context_enter" => {
                let (status, scope) = current::enter(class, op["context_id"].as_str(), timestamp);
                self.scopes.insert(handle, scope);
                (status, Some(full_id()))
            }
            "init_sub_context" => {
                let above = full_id();
                let outcome = current::open_sub(class, op["sub_context_id"].as_str());
                (code(outcome), Some(pushed(&above, &full_id())))
            }
            "new_sub_context_enter" => {
                let above = full_id();
                let (status, scope) = current::enter_sub(class, op["sub_context_id"].as_str());
                self.scopes.insert(handle, scope);
                (status, Some(pushed(&above, &full_id())))
            }
            "new_context_exit" | "new_sub_context_exit" => {
                let scope = self.scopes.remove(&handle).expect("an entered handle");
                assert_ne!(scope, 0, "a scope is never 0");
                (code(current::leave(scope)), None)
            }
            "close_sub_context" => {
                let outcome = current::close_sub(op["sub_context_id"].as_str());
                (code(outcome), Some(full_id()))
            }
            "get_full_context_id" => match current::id() {
                Ok(id) => (status::OK, Some(id)),
                Err(failed) => (failed, None),
            },
            "reset" => (code(current::reset()), None),
            "export" => (code(current::export(&json_text(&op["message"]), timestamp)), None),
            "export_batch" => (current::export_batch(&json_text(&op["events"])).0, None),
            other => panic!("{other}: not an operation of the C interface"),
        }
    }
}

pub(super) fn code(outcome: Result<(), Status>) -> Status {
    outcome.err().unwrap_or(status::OK)
}

fn full_id() -> String {
    current::id().unwrap_or_else(|failed| format!("status {failed}"))
}

/// The sub id that was pushed onto the context `above`; empty when none was.
pub(super) fn pushed(above: &str, now: &str) -> String {
    now.strip_prefix(above).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default().to_owned()
}

/// A timestamp as a C program passes it: 0 stands for every empty value.
fn timestamp(value: &Value) -> f64 {
    match value["$float"].as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap_or(0.0),
    }
}
