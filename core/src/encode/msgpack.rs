//! The msgpack primitives: every tag, header and number of the wire has its bytes from here.
//!
//! The encoder writes through `write` and `header`, on its fast path too; the buffer and the sender use
//! [`value_len`] to walk, evict and split the entries of a chunk. Nothing here allocates beyond the growth of the
//! given `Vec`, and nothing trusts a length it reads.

mod header;
mod read;
mod tag;
mod write;

pub(crate) use header::{Header, short_text, short_text_tag};
pub use read::value_len;
pub(crate) use read::{Head, read, read_inline, read_short_text, starts_array, starts_container, text_at};
pub use tag::NIL;
pub(crate) use tag::{EVENT_TIME, UINT32};
pub(crate) use write::raw_text;
pub use write::{
    Append, AppendSlice, array_header, bin_header, boolean, float, int, map_header, nil, text, text_header,
    uint,
};
