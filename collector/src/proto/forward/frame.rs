//! Cuts a byte stream into Forward messages.
//!
//! A connection pushes what it read and asks for complete messages. Each byte of a message's
//! structure is looked at once, however many reads it takes to arrive: the cutter remembers how many
//! values are still missing and where the next one starts. What cannot be a message, or would be
//! larger than [`MAX_MESSAGE`], is refused as soon as that is known and not when it has arrived.

use crate::proto::budget::grown;
use crate::proto::malformed::{MAX_MESSAGE, Malformed};
use crate::proto::msgpack::Head;

/// A buffer that grew for one large message is given back when little is in it.
const KEEP: usize = 1 << 20;

/// What has arrived of a stream and is not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: Vec<u8>,
    /// Where the message that is being cut starts.
    start: usize,
    /// Where its next value starts, counted from `start`; may lie behind the bytes that are here.
    scanned: usize,
    /// Values of it that were announced and not seen; nothing is known of it while `begun` is false.
    missing: usize,
    begun: bool,
}

impl Frames {
    /// Appends bytes as they were read.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.buffer.capacity() > KEEP && self.buffer.len() < self.buffer.capacity() / 4 {
            self.buffer.shrink_to(KEEP);
        }
        let grown = grown(self.buffer.len(), self.buffer.capacity(), bytes.len(), 1);
        self.buffer.reserve_exact(grown - self.buffer.len());
        self.buffer.extend_from_slice(bytes);
    }

    /// The size of the buffer once so many bytes are pushed, at most.
    pub(crate) fn size_with(&self, bytes: usize) -> usize {
        grown(self.pending(), self.buffer.capacity(), bytes, 1)
    }

    /// Gives memory beyond `most` bytes back, if nothing is pending; the size of the buffer that is left.
    pub(crate) fn give_back(&mut self, most: usize) -> usize {
        if self.pending() == 0 {
            self.buffer.clear();
            self.start = 0;
            self.buffer.shrink_to(most);
        }
        self.buffer.capacity()
    }

    /// Bytes of a message that is not complete.
    pub(crate) fn pending(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }

    /// The next complete message, or `None` until more bytes are pushed.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, Malformed> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        if !self.begun {
            let Some(first) = rest.first() else { return Ok(None) };
            if !matches!(first, 0x90..=0x9f | 0xdc | 0xdd) {
                return Err(not_forward(rest));
            }
            (self.begun, self.missing, self.scanned) = (true, 1, 0);
        }
        while self.missing > 0 {
            let ahead = rest.get(self.scanned..).unwrap_or_default();
            let Some((head, used)) = Head::parse(ahead)? else { return Ok(None) };
            self.scanned = self.scanned.saturating_add(used).saturating_add(head.payload());
            self.missing = (self.missing - 1).saturating_add(head.children());
            // Every missing value takes one byte at least.
            if self.scanned.saturating_add(self.missing) > MAX_MESSAGE {
                return Err(Malformed::too_large(format!(
                    "message: found more than {MAX_MESSAGE} bytes, expected no more"
                )));
            }
        }
        let Some(frame) = rest.get(..self.scanned) else { return Ok(None) };
        self.start += self.scanned;
        self.begun = false;
        Ok(Some(frame))
    }
}

fn not_forward(bytes: &[u8]) -> Malformed {
    let shown = bytes.get(..16).unwrap_or(bytes);
    Malformed::new(format!("stream: found \"{}\", expected a Fluent Forward message", shown.escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(payload: usize) -> Vec<u8> {
        let mut out = Vec::new();
        rmp::encode::write_array_len(&mut out, 3).unwrap();
        rmp::encode::write_str(&mut out, "tag").unwrap();
        rmp::encode::write_bin(&mut out, &vec![7; payload]).unwrap();
        rmp::encode::write_map_len(&mut out, 1).unwrap();
        rmp::encode::write_str(&mut out, "size").unwrap();
        rmp::encode::write_uint(&mut out, 300).unwrap();
        out
    }

    #[test]
    fn messages_arrive_whole_however_they_are_cut() {
        let sizes = [0, 1, 40, 300, 70_000];
        let stream: Vec<u8> = sizes.iter().flat_map(|size| message(*size)).collect();
        for step in [1, 2, 3, 7, 100, 65_536, stream.len()] {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in stream.chunks(step) {
                frames.push(piece);
                while let Some(frame) = frames.next().unwrap() {
                    seen.push(frame.to_vec());
                }
            }
            assert_eq!(seen, sizes.map(message), "in steps of {step}");
            assert_eq!(frames.pending(), 0);
        }
    }

    #[test]
    fn memory_is_given_back_between_messages_alone() {
        let (large, small) = (message(3 << 20), message(40));
        let mut frames = Frames::default();
        frames.push(&large[..2 << 20]);
        assert!(frames.next().unwrap().is_none() && frames.give_back(100) >= 2 << 20);
        frames.push(&large[2 << 20..]);
        assert_eq!(frames.next().unwrap(), Some(&large[..]));
        assert!(frames.give_back(100) <= 100);
        frames.push(&small);
        assert_eq!(frames.next().unwrap(), Some(&small[..]));
    }

    #[test]
    fn a_structure_is_looked_at_once() {
        // 400 000 values in reads of one byte: quadratic work would take minutes.
        let mut stream = vec![0xdd];
        stream.extend(400_000u32.to_be_bytes());
        stream.extend(std::iter::repeat_n(0xc0, 400_000));
        let mut frames = Frames::default();
        let mut found = 0;
        let mut steps = 0;
        for byte in &stream {
            frames.push(std::slice::from_ref(byte));
            let before = frames.scanned;
            found += usize::from(frames.next().unwrap().is_some());
            steps += frames.scanned - before;
        }
        assert_eq!((found, steps), (1, stream.len()));
    }

    #[test]
    fn too_large_is_refused_before_it_arrives() {
        for head in [[0xc6, 0xff, 0xff, 0xff, 0xff], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xc6, 4, 0, 0, 0]] {
            let mut frames = Frames::default();
            frames.push(&[0x92, 0xa1, b't']);
            frames.push(&head);
            assert!(frames.next().unwrap_err().to_string().contains("found more than"));
        }
    }

    #[test]
    fn other_protocols_are_named() {
        let mut frames = Frames::default();
        frames.push(b"GET / HTTP/1.1\r\n\r\n");
        let sentence = frames.next().unwrap_err().to_string();
        assert_eq!(sentence, "stream: found \"GET / HTTP/1.1\\r\\n\", expected a Fluent Forward message");
    }
}
