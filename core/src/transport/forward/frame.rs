//! The bytes around the entries of a PackedForward message.

use crate::encode::msgpack;
use crate::transport::{Chunk, TAG};

/// What comes before and what comes after the body: `[tag, <bin body>, {"chunk", "size"}]`, and
/// `"compressed"` for gzip. Without `ack` there is no `"chunk"`: a collector acknowledges whatever has one.
pub(super) fn around(chunk: &Chunk, ack: bool) -> (Vec<u8>, Vec<u8>) {
    let mut head = Vec::with_capacity(32);
    msgpack::array_header(&mut head, 3);
    msgpack::text(&mut head, TAG);
    msgpack::bin_header(&mut head, chunk.body().len());
    let mut tail = Vec::with_capacity(64);
    msgpack::map_header(&mut tail, 1 + usize::from(ack) + usize::from(chunk.is_gzip()));
    if ack {
        msgpack::text(&mut tail, "chunk");
        msgpack::raw_text(&mut tail, chunk.id());
    }
    msgpack::text(&mut tail, "size");
    msgpack::uint(&mut tail, chunk.events() as u64);
    if chunk.is_gzip() {
        msgpack::text(&mut tail, "compressed");
        msgpack::text(&mut tail, "gzip");
    }
    (head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_map_is_always_there() {
        let chunk = Chunk::empty();
        let (head, tail) = around(&chunk, true);
        assert_eq!(head, b"\x93\xb3mona.client.message\xc4\x00");
        let mut expected = b"\x82\xa5chunk\xb8".to_vec();
        expected.extend_from_slice(chunk.id());
        expected.extend_from_slice(b"\xa4size\x00");
        assert_eq!(tail, expected);
        assert_eq!(around(&chunk, false).1, b"\x81\xa4size\x00");
    }
}
