//! JSON text becomes msgpack in one pass, without a value tree and without recursion.
//!
//! Strict RFC 8259, plus the bare words `NaN`, `Infinity` and `-Infinity`. Open containers wait on a stack
//! in the caller's scratch memory; headers are patched when a container closes. When something is wrong the output is
//! left half-written: whoever called the module's edge cuts it back.

mod error;
mod grammar;
mod lexer;
mod number;
pub(super) mod scan;
mod text;
mod transcode;

pub(crate) use error::{JsonError, JsonErrorKind};
pub(crate) use grammar::Grammar;
pub(crate) use lexer::Lexer;
pub(crate) use number::Number;
#[cfg(feature = "fuzz")]
pub(crate) use scan::chosen;
pub(crate) use text::decoded;
pub(crate) use transcode::{Around, Bounds, FIRST_KEY, Stack, encoded, has_more, key, value, value_apart};
