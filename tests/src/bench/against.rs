//! What a change may cost: a figure each for the quantities that a base is compared in, as the ratio of this
//! library to the base or, where that would divide by next to nothing, as their difference.
//!
//! The rows have figures only in a run with a base; [`super::report`] prints them as a table of its own.

use super::goals::{Goal, large, small};

/// The most that a cost may grow: a tenth.
const MOST: f64 = 1.1;

/// The least that a speed may keep.
const LEAST: f64 = 0.9;

const fn cost(number: &'static str, quantity: &'static str, figure: &'static str) -> Goal {
    small(number, quantity, figure, MOST, None)
}

const fn speed(number: &'static str, quantity: &'static str, figure: &'static str) -> Goal {
    large(number, quantity, figure, LEAST, None)
}

/// The rows, in order; their numbers are those of the targets.
pub const AGAINST_BASE: &[Goal] = &[
    cost("2", "instructions of a typed call", "to_base.typed.instructions"),
    cost("2", "instructions of a JSON call", "to_base.json.instructions"),
    cost("2", "instructions of opening and closing a context", "to_base.context.instructions"),
    cost("3", "typed call", "to_base.typed.call.ns"),
    cost("4", "JSON call", "to_base.json.call.ns"),
    cost("5", "p99.9 of a typed call, raw", "to_base.typed.paced.p999_raw.ns"),
    cost("5", "p99.9 of a JSON call, raw", "to_base.json.paced.p999_raw.ns"),
    speed("6", "calls a second on one thread", "to_base.threads.one.rate"),
    speed("6", "calls a second on two threads", "to_base.threads.two.rate"),
    cost("7", "large event, typed", "to_base.large_typed.call.ns"),
    cost("7", "large event, JSON", "to_base.large_json.call.ns"),
    cost("8", "background CPU of an event, Forward with ack", "to_base.background.cpu_per_event.ns"),
    speed("9", "end to end, Forward with ack, events a second", "to_base.forward.end_to_end.rate"),
    speed("10", "end to end, HTTP, events a second", "to_base.http.end_to_end.rate"),
    // A tenth of what idling may cost at all: both are next to nothing, and so their ratio is chance.
    small("11", "idle CPU, the difference", "above_base.idle.connected.ms_per_s", 0.02, None),
    cost("12", "first call on a new thread", "to_base.thread.first_call.us"),
    cost("12", "memory after 300 threads came and went", "to_base.threads.300.memory.mb"),
    cost("13", "overload above queue_bytes, nobody reads", "to_base.overload.unread.over_queue.mb"),
    cost("13", "overload above queue_bytes, nobody listens", "to_base.overload.nobody.over_queue.mb"),
    cost("14", "disabled: a JSON call", "to_base.disabled.json.ns"),
    cost("14", "disabled: a typed call", "to_base.disabled.fields.ns"),
    cost("15", "opening and closing a context", "to_base.context.open_close.ns"),
];
