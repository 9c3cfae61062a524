//! The wire format of protobuf, field by field and in place.

use crate::proto::malformed::Malformed;

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Of 32 bits, which nothing here has.
    Fixed32,
}

/// The fields of a message, one after the other; groups, which proto3 does not have, are an error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The number of the next field and its value; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let field = tag >> 3;
        if field == 0 || field > MOST_FIELD {
            return Err(Malformed::new(format!(
                "protobuf: found the field {field}, expected 1 to 536870911"
            )));
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.fixed().map(u64::from_le_bytes)?),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| truncated())?;
                Value::Bytes(self.take(length)?)
            }
            5 => {
                self.fixed::<4>()?;
                Value::Fixed32
            }
            kind => {
                return Err(Malformed::new(format!(
                    "protobuf: found the wire type {kind}, expected 0, 1, 2 or 5"
                )));
            }
        };
        Ok(Some((field, value)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or_else(truncated)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            // Of the tenth byte one bit has room.
            if shift == 63 && *byte > 1 {
                break;
            }
            value |= bits << shift;
            if *byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::new("protobuf: found a number of more than 64 bits, expected no more"))
    }
}

/// Numbers of fields have 29 bits.
const MOST_FIELD: u64 = (1 << 29) - 1;

fn truncated() -> Malformed {
    Malformed::new("protobuf: found the end of its bytes inside a field, expected all of it")
}

/// The text in these bytes.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(bytes).map_err(|_| Malformed::new("protobuf: found text that is no UTF-8, expected UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Malformed> {
        let (mut fields, mut found) = (Fields(bytes), Vec::new());
        while let Some(field) = fields.next()? {
            found.push(field);
        }
        Ok(found)
    }

    #[test]
    fn every_wire_type() {
        let bytes = b"\x08\x96\x01\x11\x01\0\0\0\0\0\0\x80\x1a\x02hi\x25\0\0\0\0\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        let found = all(bytes).unwrap();
        let expected = [
            (1, Value::Varint(150)),
            (2, Value::Fixed64(1 | 1 << 63)),
            (3, Value::Bytes(b"hi")),
            (4, Value::Fixed32),
            (5, Value::Varint(u64::MAX)),
        ];
        assert_eq!(found, expected);
        // A length in more bytes than it needs is one all the same.
        assert_eq!(all(b"\x0a\x81\x80\x00x").unwrap(), [(1, Value::Bytes(b"x"))]);
    }

    #[test]
    fn what_is_none_is_said() {
        for bytes in [
            &b"\x08"[..],
            b"\x08\x80",
            b"\x0a\x02x",
            b"\x11\0\0\0",
            b"\x0b",
            b"\x0c",
            b"\x0e\0",
            b"\x00\x01",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x",
            b"\x80\x80\x80\x80\x80\x80\x01\x01",
        ] {
            assert!(all(bytes).unwrap_err().to_string().contains("expected"), "{bytes:?}");
        }
    }
}
