//! The names below the spool's directory. All are made here, of numbers; what has another form is nobody's business.

use std::ffi::{CStr, CString};

use crate::sys::hex;

/// The layout of this version.
pub(super) const LAYOUT: &CStr = c"v1";

/// Where segments that cannot be read are set aside.
pub(super) const BAD: &CStr = c"bad";

pub(super) const LOCK: &CStr = c"lock";

/// Digits of a segment's number.
const DIGITS: usize = 16;

/// Where the hyphens of a uuid are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID: usize = 36;

/// Which file of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Segment,
    Acks,
}

/// The text of a uuid.
pub(super) fn uuid_text(uuid: u128) -> String {
    let digits = hex::text(&uuid.to_be_bytes());
    let mut text = String::with_capacity(UUID);
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// The name of an instance's directory.
pub(super) fn instance(uuid: u128) -> CString {
    name(uuid_text(uuid))
}

/// The instance whose directory is called so.
pub(super) fn read_instance(name: &CStr) -> Option<u128> {
    let name = name.to_bytes();
    if name.len() != UUID {
        return None;
    }
    let mut uuid = 0u128;
    for (index, byte) in name.iter().enumerate() {
        let digit = match byte {
            b'-' if HYPHENS.contains(&index) => continue,
            _ if HYPHENS.contains(&index) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        uuid = uuid << 4 | u128::from(digit);
    }
    Some(uuid)
}

/// The name of a file of segment `number`.
pub(super) fn file(number: u32, part: Part) -> CString {
    let ending = match part {
        Part::Segment => "seg",
        Part::Acks => "ack",
    };
    name(format!("{number:0DIGITS$}.{ending}"))
}

/// Which segment a file is called by, and which part of it.
pub(super) fn read_file(name: &CStr) -> Option<(u32, Part)> {
    let (digits, ending) = name.to_bytes().split_at_checked(DIGITS)?;
    let part = match ending {
        b".seg" => Part::Segment,
        b".ack" => Part::Acks,
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number > 0)?;
    Some((number, part))
}

/// What a segment is called that was set aside.
pub(super) fn set_aside(uuid: u128, number: u32) -> CString {
    name(format!("{}-{number:0DIGITS$}", uuid_text(uuid)))
}

fn name(text: String) -> CString {
    // Digits and letters, so there is no zero among them.
    CString::new(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_nothing_else_is() {
        let uuid = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;
        assert_eq!(instance(uuid).as_c_str(), c"00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(read_instance(&instance(uuid)), Some(uuid));
        for other in [
            c"",
            c"bad",
            c"..",
            c"00112233-4455-6677-8899-aabbccddeef",
            c"00112233-4455-6677-8899-aabbccddeeFF",
            c"00112233-4455-6677-8899aaabbccddeeff",
            c"001122334-455-6677-8899-aabbccddeeff",
        ] {
            assert_eq!(read_instance(other), None, "{other:?}");
        }
        assert_eq!(file(1, Part::Segment).as_c_str(), c"0000000000000001.seg");
        for (number, part) in [(1, Part::Segment), (u32::MAX, Part::Acks)] {
            assert_eq!(read_file(&file(number, part)), Some((number, part)));
        }
        for other in [
            c"lock",
            c"0000000000000000.seg",
            c"0000000000000001.tmp",
            c"1.seg",
            c"0000004294967296.seg",
            c"+000000000000001.seg",
            c"0000000000000001.seg~",
        ] {
            assert_eq!(read_file(other), None, "{other:?}");
        }
    }
}
