//! One gzip member (RFC 1952) for a body, as collectors take them, and the body back.
//!
//! A head and a foot around what `miniz_oxide` deflates. Members that others made are none of this module's business.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Deflate, without a name, a time and a system; made as fast as may be.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];
/// A checksum and the length.
const FOOT_BYTES: usize = 8;

/// Records repeat their keys: the fastest level already takes most of it.
const LEVEL: i32 = 1;
/// The largest window, and nothing of zlib around the data.
const WINDOW_BITS: i32 = -15;
const USUAL_STRATEGY: i32 = 0;

/// What a byte of a group of four does to the checksum. A table for each of the four: byte by byte, one waits for
/// the other.
const TABLES: [[u32; 256]; 4] = [table(0), table(1), table(2), table(3)];

/// `body` as a gzip member; `None` when it cannot be compressed.
pub(super) fn packed(body: &[u8]) -> Option<Vec<u8>> {
    let flags = create_comp_flags_from_zip_params(LEVEL, WINDOW_BITS, USUAL_STRATEGY);
    let mut packed = Vec::with_capacity(HEAD.len() + body.len() / 8 + FOOT_BYTES);
    packed.extend_from_slice(&HEAD);
    let mut compressor = Box::new(CompressorOxide::new(flags));
    let (status, taken) = compress_to_output(&mut compressor, body, TDEFLFlush::Finish, |bytes| {
        packed.extend_from_slice(bytes);
        true
    });
    if status != TDEFLStatus::Done || taken != body.len() {
        return None;
    }
    packed.extend_from_slice(&checksum(body).to_le_bytes());
    packed.extend_from_slice(&length(body).to_le_bytes());
    Some(packed)
}

/// The body in a member that [`packed`] made; `None` when it is none, or is damaged.
pub(super) fn unpacked(member: &[u8]) -> Option<Vec<u8>> {
    let (deflated, foot) = member.strip_prefix(&HEAD)?.split_last_chunk::<FOOT_BYTES>()?;
    let foot = u64::from_le_bytes(*foot);
    let (sum, size) = (foot as u32, (foot >> 32) as u32);
    let body = decompress_to_vec_with_limit(deflated, usize::try_from(size).ok()?).ok()?;
    (length(&body) == size && checksum(&body) == sum).then_some(body)
}

/// The length as a member's foot has it: its last 32 bits.
fn length(body: &[u8]) -> u32 {
    body.len() as u32
}

/// CRC-32 with the polynomial of gzip, from the lowest bit up.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |table: &[u32; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or_default();
    let [last, third, second, first] = &TABLES;
    let (groups, rest) = bytes.as_chunks::<4>();
    let sum = groups.iter().fold(u32::MAX, |sum, group| {
        let [a, b, c, d] = (sum ^ u32::from_le_bytes(*group)).to_le_bytes();
        step(first, a) ^ step(second, b) ^ step(third, c) ^ step(last, d)
    });
    !rest.iter().fold(sum, |sum, byte| (sum >> 8) ^ step(last, sum as u8 ^ byte))
}

/// What a byte becomes when so many bytes follow it.
const fn table(following: u32) -> [u32; 256] {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let mut table = [0; 256];
    let mut left: &mut [u32] = &mut table;
    let mut byte = 0;
    while let Some((entry, rest)) = left.split_first_mut() {
        let mut sum = byte;
        let mut bit = 0;
        while bit < 8 * (following + 1) {
            sum = if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ POLYNOMIAL };
            bit += 1;
        }
        *entry = sum;
        byte += 1;
        left = rest;
    }
    table
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn bodies() -> Vec<Vec<u8>> {
        let mut state = 1_u64;
        let mut random = |count: usize| -> Vec<u8> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            };
            (0..count).map(|_| next()).collect()
        };
        let mut bodies: Vec<Vec<u8>> = (0..20).map(&mut random).collect();
        bodies.extend([random(100_000), vec![0; 1 << 20], br#"{"model":"a","batch":32}"#.repeat(10_000)]);
        bodies
    }

    #[test]
    fn others_read_it_and_it_comes_back() {
        for body in bodies() {
            let member = packed(&body).unwrap();
            let mut read = Vec::new();
            GzDecoder::new(member.as_slice()).read_to_end(&mut read).unwrap();
            assert!(read == body, "{} bytes", body.len());
            assert!(unpacked(&member).unwrap() == body);
        }
        assert!(packed(&br#"{"model":"a","batch":32}"#.repeat(10_000)).unwrap().len() < 3000);
    }

    #[test]
    fn a_damaged_member_is_noticed() {
        let member = packed(b"some text, some text").unwrap();
        for place in 0..member.len() {
            let mut damaged = member.clone();
            damaged[place] ^= 1;
            assert_eq!(unpacked(&damaged), None, "{place}");
            assert_eq!(unpacked(&member[..place]), None, "{place}");
        }
    }

    #[test]
    fn the_checksum_is_that_of_gzip() {
        assert_eq!(checksum(b""), 0);
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
