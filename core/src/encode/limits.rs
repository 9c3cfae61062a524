//! What one event may be: how large, how deep, and which numbers it may hold.
//!
//! Made from the options of a client and handed to everything that encodes for it, so that JSON text, typed fields,
//! globals and batches are measured alike.

use crate::encode::msgpack::{self, Append};

/// What one event may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes, of the JSON text as well as of the encoded message.
    pub max_event_bytes: usize,
    /// Most containers inside each other; the message itself is the first.
    pub max_depth: usize,
    /// NaN and infinities stay what they are; else there is nil in their place.
    pub keeps_nonfinite: bool,
}

impl Limits {
    /// The byte limit, brought down to what msgpack can say.
    pub(crate) fn bytes(&self) -> usize {
        self.max_event_bytes.min(u32::MAX as usize)
    }
}

/// Appends any float 64, or nil in its place.
#[inline(always)]
pub(super) fn write_float(out: &mut impl Append, value: f64, limits: &Limits) {
    if limits.keeps_nonfinite || value.is_finite() {
        msgpack::float(out, value);
    } else {
        msgpack::nil(out);
    }
}
