//! The bytes around the entries of a message: PackedForward, and Forward mode where there are none.

use crate::encode::msgpack;
use crate::transport::{Chunk, TAG};

/// What comes before and what comes after the body: `[tag, <bin body>, {"chunk", "size"}]`, and
/// `"compressed"` for gzip. Without `ack` there is no `"chunk"`: a collector acknowledges whatever has one.
///
/// A chunk without events, which has no body and is never compressed, is `[tag, [], {"chunk", "size"}]`: Fluent Bit
/// 3.2 and later closes on a *bin* of no bytes.
pub(super) fn around(chunk: &Chunk, ack: bool) -> (Vec<u8>, Vec<u8>) {
    let mut head = Vec::with_capacity(32);
    msgpack::array_header(&mut head, 3);
    msgpack::text(&mut head, TAG);
    if chunk.events() > 0 {
        msgpack::bin_header(&mut head, chunk.body().len());
    } else {
        msgpack::array_header(&mut head, 0);
    }
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

    /// The option map of this chunk, which ends with `rest` behind the id.
    fn with_id(map: &[u8], chunk: &Chunk, rest: &[u8]) -> Vec<u8> {
        [map, b"\xa5chunk\xb8", chunk.id(), rest].concat()
    }

    #[test]
    fn the_option_map_is_always_there() {
        let mut chunk = Chunk::new(0, b"\x92\x01\x80".to_vec(), 0, 1);
        let (head, tail) = around(&chunk, true);
        assert_eq!(head, b"\x93\xb3mona.client.message\xc4\x03");
        assert_eq!(tail, with_id(b"\x82", &chunk, b"\xa4size\x01"));
        assert_eq!(around(&chunk, false).1, b"\x81\xa4size\x01");
        chunk.compress();
        let named = with_id(b"\x83", &chunk, b"\xa4size\x01\xaacompressed\xa4gzip");
        assert_eq!(around(&chunk, true).1, named);
    }

    #[test]
    fn a_chunk_without_events_is_no_empty_bin() {
        let chunk = Chunk::empty();
        let (head, tail) = around(&chunk, true);
        assert_eq!(head, b"\x93\xb3mona.client.message\x90");
        assert_eq!(tail, with_id(b"\x82", &chunk, b"\xa4size\x00"));
        assert_eq!(around(&chunk, false).1, b"\x81\xa4size\x00");
    }
}
