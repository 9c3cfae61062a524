//! The differential test: under tests and the fuzzer every message goes the fast path and the slow one, and must come
//! out the same.

use crate::diag::error::Result;
use crate::encode::message::{Frame, Message, Outcome};
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// Room for a message of the usual kind, so that the fast path finds some.
const ROOM: usize = 64 * 1024;

/// What the fast path made of a message; `None` where it left it.
pub(crate) struct Differential(Option<Vec<u8>>);

impl Differential {
    pub(crate) fn new(message: &impl Message, frame: Frame<'_>, scratch: &mut Scratch) -> Differential {
        let (Some(rules), None) = (frame.rules, frame.invalid_timestamp) else { return Differential(None) };
        scratch.key_cache.keep_only(rules);
        if frame.limits.max_depth == 0 {
            // Options allow no such limit, so the fast path does not ask.
            return Differential(None);
        }
        let mut bytes = Vec::with_capacity(ROOM);
        let is_whole = Output::to(&mut bytes, |out| message.write_fast(out, frame.limits, scratch));
        // A record that is too large is refused as a whole.
        Differential((is_whole && bytes.len() <= frame.limits.bytes()).then_some(bytes))
    }

    /// Compares it with what the slow path has appended behind the first `base` bytes of `out`.
    pub(crate) fn compare(self, out: &[u8], base: usize, result: &Result<Outcome>) {
        if let Differential(Some(bytes)) = self {
            assert_eq!(result, &Ok(Outcome::Written), "the fast path took it");
            assert_eq!(out.get(base..), Some(bytes.as_slice()), "the fast path wrote something else");
        }
    }
}
