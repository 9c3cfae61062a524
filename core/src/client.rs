//! A client: the way events take into the queue, their delivery, and the client's life.
//!
//! [`Client`] is a cheap handle; contexts hold one too, so a closed client stays in memory until the last
//! of them is gone. Everything here is safe on any thread and in a forked child, which goes on with its
//! own queue, sender and counters. What a context is, is known above.

mod class_name;
mod context_ref;
mod default;
mod description;
mod emit;
mod handle;
mod inner;
mod life_cycle;
mod record;
mod refusal;
mod reload;
mod runtime;

#[cfg(test)]
pub(crate) use class_name::ClassName;
pub(crate) use context_ref::{ContextRef, Origin};
pub(crate) use default::{
    default_for_export, default_or_error, existing as existing_default, set as set_default,
};
pub(crate) use emit::{Emitted, no_context};
pub use handle::Client;
pub(crate) use inner::Inner;
