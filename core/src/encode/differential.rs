//! The short way beside the long one: in tests and under the fuzzer every message goes both, and must come out the same.

use super::message::{Frame, Message, Outcome, Scratch};
use super::output::Output;
use crate::diag::error::Result;

/// Room for a message of the usual kind, so that the short way finds some.
const ROOM: usize = 64 * 1024;

/// What the short way made of a message; `None` where it left it.
pub(super) struct Differential(Option<Vec<u8>>);

impl Differential {
    pub(super) fn new(message: &impl Message, frame: Frame<'_>, scratch: &mut Scratch) -> Differential {
        let (Some(rules), None) = (frame.rules, frame.invalid_timestamp) else { return Differential(None) };
        scratch.shapes.keep_only(rules);
        if frame.limits.max_depth == 0 {
            // Options allow no such limit, so the short way does not ask.
            return Differential(None);
        }
        let mut bytes = Vec::with_capacity(ROOM);
        let is_whole = Output::to(&mut bytes, |out| message.write_at_once(out, frame.limits, scratch));
        // A record that is too large is refused as a whole.
        Differential((is_whole && bytes.len() <= frame.limits.bytes()).then_some(bytes))
    }

    /// Compares it with what the long way has appended behind the first `base` bytes of `out`.
    pub(super) fn compare(self, out: &[u8], base: usize, result: &Result<Outcome>) {
        if let Differential(Some(bytes)) = self {
            assert_eq!(result, &Ok(Outcome::Written), "the short way took it");
            assert_eq!(out.get(base..), Some(bytes.as_slice()), "the short way wrote something else");
        }
    }
}
