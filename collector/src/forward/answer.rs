//! What the collector writes back: acknowledgements, and the wrong answers of the fault scripts.

/// What an HTTP server says to bytes it does not understand.
pub const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Connection: close\r\nContent-Length: 15\r\n\r\n400 Bad Request";

/// Longer than any acknowledgement a client needs to read (wire.md caps it at 512 bytes), and no msgpack.
const GARBAGE_LENGTH: usize = 1024;

/// `{"ack": id}`.
pub fn ack(id: &str) -> Vec<u8> {
    let mut out = vec![0x81, 0xa3];
    out.extend_from_slice(b"ack");
    let length = id.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=31), _) => out.push(0xa0 | short),
        (Ok(byte), _) => out.extend([0xd9, byte]),
        (_, Ok(word)) => {
            out.push(0xda);
            out.extend(word.to_be_bytes());
        }
        _ => {
            out.push(0xdb);
            out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(id.as_bytes());
    out
}

/// A well-formed acknowledgement of the same length for another chunk: only the last character differs.
pub fn wrong_ack(id: &str) -> Vec<u8> {
    let mut other: String = id.chars().take(id.chars().count().saturating_sub(1)).collect();
    other.push(if id.ends_with('A') { 'B' } else { 'A' });
    ack(&other)
}

/// Bytes that start no msgpack value.
pub fn garbage() -> Vec<u8> {
    [0xc1, 0x00, 0xff, b'\n'].into_iter().cycle().take(GARBAGE_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_is_a_map_of_one_text() {
        for length in [0, 1, 24, 31, 32, 255, 256, 70_000] {
            let id = "x".repeat(length);
            let mut expected = Vec::new();
            rmp::encode::write_map_len(&mut expected, 1).unwrap();
            rmp::encode::write_str(&mut expected, "ack").unwrap();
            rmp::encode::write_str(&mut expected, &id).unwrap();
            assert_eq!(ack(&id), expected);
        }
    }

    #[test]
    fn a_wrong_ack_differs_and_is_as_long() {
        for id in ["A", "B", "q83vEjRWeJASNFZ4kBI0Vg==", "…A"] {
            assert_ne!(wrong_ack(id), ack(id));
            assert_eq!(wrong_ack(id).len(), ack(id).len());
        }
    }
}
