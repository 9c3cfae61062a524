//! The acknowledgement of a chunk, as it is written back.

/// `{"ack": id}`.
pub(crate) fn ack(id: &str) -> Vec<u8> {
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
}
