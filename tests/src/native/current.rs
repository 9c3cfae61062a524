//! The calling thread's context.

use super::raw::Status;
use super::{checked, interface, text_in, text_out};

/// Enters a main context; the scope is written whatever the outcome.
pub fn enter(arc_class: Option<&str>, context_id: Option<&str>, timestamp: f64) -> (Status, u64) {
    let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(context_id));
    let mut scope = 0;
    // SAFETY: readable texts and a place for the scope.
    let status = unsafe { (interface().current_enter)(class, class_len, id, id_len, timestamp, &mut scope) };
    (status, scope)
}

/// Enters a sub-context; the scope is written whatever the outcome.
pub fn enter_sub(arc_class: Option<&str>, sub_context_id: Option<&str>) -> (Status, u64) {
    let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(sub_context_id));
    let mut scope = 0;
    // SAFETY: readable texts and a place for the scope.
    let status = unsafe { (interface().current_enter_sub)(class, class_len, id, id_len, &mut scope) };
    (status, scope)
}

/// Leaves a scope.
pub fn leave(scope: u64) -> Result<(), Status> {
    // SAFETY: takes any number.
    checked(unsafe { (interface().current_leave)(scope) })
}

/// The full id of the open context.
pub fn id() -> Result<String, Status> {
    // SAFETY: a buffer with its capacity and a place for the length.
    text_out(|buffer, cap, len| unsafe { (interface().current_id)(buffer, cap, len) })
}

/// Sends one event in the open context.
pub fn export(json: &str, timestamp: f64) -> Result<(), Status> {
    let (json, len) = text_in(Some(json));
    // SAFETY: readable text.
    checked(unsafe { (interface().current_export)(json, len, timestamp) })
}

/// Sends an array of events; the number accepted comes with either outcome.
pub fn export_batch(json: &str) -> (Status, usize) {
    let mut accepted = 0;
    let (json, len) = text_in(Some(json));
    // SAFETY: readable text and a place for the number.
    let status = unsafe { (interface().current_export_batch)(json, len, &mut accepted) };
    (status, accepted)
}

/// Opens a main context without a matching leave.
pub fn open(arc_class: Option<&str>, context_id: Option<&str>, timestamp: f64) -> Result<(), Status> {
    let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(context_id));
    // SAFETY: readable texts.
    checked(unsafe { (interface().current_open)(class, class_len, id, id_len, timestamp) })
}

/// Opens a sub-context without a matching leave.
pub fn open_sub(arc_class: Option<&str>, sub_context_id: Option<&str>) -> Result<(), Status> {
    let ((class, class_len), (id, id_len)) = (text_in(arc_class), text_in(sub_context_id));
    // SAFETY: readable texts.
    checked(unsafe { (interface().current_open_sub)(class, class_len, id, id_len) })
}

/// Closes a sub-context by its id, or the last one.
pub fn close_sub(sub_context_id: Option<&str>) -> Result<(), Status> {
    let (id, id_len) = text_in(sub_context_id);
    // SAFETY: readable text.
    checked(unsafe { (interface().current_close_sub)(id, id_len) })
}

/// Empties the stack.
pub fn reset() -> Result<(), Status> {
    // SAFETY: takes nothing.
    checked(unsafe { (interface().current_reset)() })
}
