use super::*;
use crate::encode::msgpack::{self, Head};
use crate::encode::{Output, RecordPrefix, Shape, record};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// Rounds of eight floats; millions of floats where that takes no time.
const FLOATS: usize = if cfg!(debug_assertions) { 20_000 } else { 2_000_000 };

fn json(bytes: &[u8]) -> Option<String> {
    let mut out = b"<".to_vec();
    let len = append(&mut out, bytes);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(len.is_none(), text == "<");
    len.map(|len| {
        assert_eq!(Some(len), msgpack::value_len(bytes));
        text[1..].to_owned()
    })
}

fn float(value: f64) -> String {
    let mut out = Vec::new();
    msgpack::float(&mut out, value);
    json(&out).unwrap()
}

/// What a float looks like: serde_json's text where that has no exponent, else that of Rust.
fn expected_float(value: f64) -> String {
    match value.abs() {
        size if (1e-4..1e16).contains(&size) => serde_json::to_string(&value).unwrap(),
        _ if value.is_finite() => format!("{value:?}"),
        _ => "null".to_owned(),
    }
}

/// A plain writer, which the other one must agree with. Gives the text and what follows the value.
fn plain(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (head, mut rest) = msgpack::read(bytes)?;
    let text = match head {
        Head::Array(count) => {
            let mut items = Vec::new();
            for _ in 0..count {
                let (item, after) = plain(rest)?;
                items.push(item);
                rest = after;
            }
            format!("[{}]", items.join(","))
        }
        Head::Map(count) => {
            let mut items = Vec::new();
            for _ in 0..count {
                if matches!(msgpack::read(rest)?.0, Head::Array(_) | Head::Map(_)) {
                    return None;
                }
                let (key, after) = plain(rest)?;
                let (item, after) = plain(after)?;
                let quotes = if key.starts_with('"') { "" } else { "\"" };
                items.push(format!("{quotes}{key}{quotes}:{item}"));
                rest = after;
            }
            format!("{{{}}}", items.join(","))
        }
        Head::Text(bytes) | Head::Bin(bytes) => {
            serde_json::to_string(&String::from_utf8_lossy(bytes)).unwrap()
        }
        Head::Bool(truth) => truth.to_string(),
        Head::Int(value) => value.to_string(),
        Head::Uint(value) => value.to_string(),
        Head::Float(value) => expected_float(value),
        Head::Nil | Head::Ext => "null".to_owned(),
    };
    Some((text, rest))
}

fn random() -> impl FnMut(u64) -> u64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(17);
    move |below| random.next_u64() % below
}

#[test]
fn scalars() {
    for (value, text) in [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e16, "1e16"),
        (1e300, "1e300"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e308"),
        (f64::NAN, "null"),
        (f64::NEG_INFINITY, "null"),
    ] {
        assert_eq!(float(value), text);
    }
    assert_eq!(json(&[0xca, 0x3f, 0x80, 0, 0]).unwrap(), "1.0");
    assert_eq!(json(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255]).unwrap(), u64::MAX.to_string());
    assert_eq!(json(&[0xd3, 128, 0, 0, 0, 0, 0, 0, 0]).unwrap(), i64::MIN.to_string());
    assert_eq!(json(&[0xc4, 3, b'a', 0xff, b'b']).unwrap(), "\"a\u{fffd}b\"");
    assert_eq!(json(&[0xd4, 1, 2]).unwrap(), "null");
    assert_eq!(json(b"\xa9a\"\\\n\t\x01\x1fzz").unwrap(), r#""a\"\\\n\t\u0001\u001fzz""#);
}

#[test]
fn whole_numbers_of_every_length() {
    let mut below = random();
    let check = |value: i128| {
        let mut out = Vec::new();
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => msgpack::int(&mut out, value),
            (_, Ok(value)) => msgpack::uint(&mut out, value),
            _ => return,
        }
        assert_eq!(json(&out).unwrap(), value.to_string());
    };
    for digits in 0..20 {
        let edge = 10_i128.pow(digits);
        for near in -3..=3 {
            check(edge + near);
            check(-edge + near);
        }
        for _ in 0..3_000 {
            let value = i128::from(below(u64::MAX)) % (10 * edge);
            check(value);
            check(-value);
        }
    }
}

#[test]
fn floats_are_as_serde_json_prints_them_and_read_back() {
    let mut text = Vec::new();
    let mut encoded = Vec::new();
    let mut check = |value: f64| {
        encoded.clear();
        text.clear();
        msgpack::float(&mut encoded, value);
        append(&mut text, &encoded).unwrap();
        let text = str::from_utf8(&text).unwrap();
        assert_eq!(text, expected_float(value));
        assert_eq!(text.parse().map(f64::to_bits), Ok(value.to_bits()), "{text}");
    };
    let edges: [f64; 12] = [
        0.0,
        1e-8,
        5e-5,
        1e-4,
        1e7,
        9_999_999.999_999_99,
        1e16,
        1e15,
        123_456_789_012_345_680.0,
        0.1 + 0.2,
        9_007_199_254_740_993.0,
        0.000_123_45,
    ];
    for value in edges {
        for near in [value.next_down(), value, value.next_up()] {
            check(near);
            check(-near);
        }
    }
    let mut below = random();
    for step in 0..FLOATS {
        let any = f64::from_bits(below(u64::MAX));
        if any.is_finite() {
            check(any);
        }
        // Around one.
        check(below(1 << 53) as f64 / (1_u64 << 53) as f64);
        // What people write down: a few digits, a few decimals, and the floats beside it.
        let scale = 10_f64.powi((step % 12) as i32);
        let written = below(10_u64.pow((step % 16) as u32 + 1)) as f64 / scale;
        for near in [written.next_down(), written, written.next_up()] {
            check(near);
            check(-near);
        }
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn every_byte_at_every_place_of_a_text() {
    for length in 0..35 {
        for place in 0..length {
            for byte in 0..=255 {
                let mut bytes = vec![b'~'; length];
                bytes[place] = byte;
                let mut value = Vec::new();
                msgpack::raw_text(&mut value, &bytes);
                let expected = plain(&value).unwrap().0;
                // What follows is no part of it, whatever it is, and may be nothing at all.
                for behind in [&[][..], &[0; 16], b"\xa0"] {
                    let mut out = Vec::new();
                    let all = [&value, behind].concat();
                    assert_eq!(append(&mut out, &all), Some(value.len()));
                    assert_eq!(String::from_utf8_lossy(&out), expected, "{byte:#x} at {place} of {length}");
                }
            }
        }
    }
}

#[test]
fn containers() {
    assert_eq!(json(&[0x93, 0x90, 0x80, 0x91, 0xc0]).unwrap(), "[[],{},[null]]");
    assert_eq!(
        json(&[0x82, 0xa1, b'b', 0x81, 0xa1, b'x', 0x92, 1, 2, 0xa1, b'a', 0xc3]).unwrap(),
        r#"{"b":{"x":[1,2]},"a":true}"#
    );
    assert_eq!(json(&[0x82, 1, 2, 0xc3, 4]).unwrap(), r#"{"1":2,"true":4}"#);
    assert_eq!(json(&[0x81, 0x90, 2]), None);
    assert_eq!(json(&[0x92, 1]), None);
    assert_eq!(json(&[]), None);
    let deep = [vec![0x91; 100_000], vec![0x90]].concat();
    assert_eq!(json(&deep).unwrap().len(), 200_002);
}

#[test]
fn entries() {
    let mut out = Vec::new();
    assert_eq!(record_json(&mut out, &[0x92, 0xcc, 200, 0x81, 0xa1, b'a', 1]), Some(200));
    assert_eq!(out, br#"{"a":1}"#);
    for bad in [&[0x92, 0xa1, b'x', 0x80][..], &[0x91, 1, 0x80], &[0x92, 1, 0x81], &[0x92, 1, 0x80, 0x80]] {
        assert_eq!(record_json(&mut out, bad), None);
        assert_eq!(out, br#"{"a":1}"#);
    }
    out.clear();
    let two = [0x92, 1, 0x81, 0xa1, b'a', 1, 0x92, 2, 0x80];
    let mut known = KnownParts::default();
    assert_eq!(append_record(&mut out, &two, &mut known), Some(6));
    assert_eq!(append_record(&mut out, &two[6..], &mut known), Some(3));
    assert_eq!(append_record(&mut out, &two[7..], &mut known), None);
    assert_eq!(out, br#"{"a":1}{}"#);
}

/// A value of any kind, containers only while `depth` lasts.
fn any_value(out: &mut Vec<u8>, below: &mut impl FnMut(u64) -> u64, depth: usize) {
    match below(if depth == 0 { 8 } else { 10 }) {
        0 => out.push([0xc0, 0xc2, 0xc3][below(3) as usize]),
        1 => msgpack::uint(out, below(u64::MAX) >> below(64)),
        2 => msgpack::int(out, (below(u64::MAX) >> below(64)) as i64),
        3 => msgpack::float(out, below(100_000) as f64 / 1000.0),
        4 => msgpack::float(out, f64::from_bits(below(u64::MAX))),
        5 | 6 => any_text(out, below),
        7 => out.extend_from_slice(&[0xc4, 3, 0xff, b'"', 0xe2]),
        8 => {
            let count = below(4) as usize;
            out.push(0x90 | count as u8);
            (0..count).for_each(|_| any_value(out, below, depth - 1));
        }
        _ => any_map(out, below, depth - 1),
    }
}

fn any_map(out: &mut Vec<u8>, below: &mut impl FnMut(u64) -> u64, depth: usize) {
    let count = below(6) as usize;
    msgpack::map_header(out, count);
    for _ in 0..count {
        if below(9) == 0 {
            any_value(out, below, 0)
        } else {
            any_text(out, below)
        }
        any_value(out, below, depth);
    }
}

fn any_text(out: &mut Vec<u8>, below: &mut impl FnMut(u64) -> u64) {
    let kinds: [&[&str]; 3] = [&["a", "Z", "~", " "], &["a", "\"", "\\", "\n"], &["é", "x", "\u{1}", "漢"]];
    let letters = kinds[below(3) as usize];
    let most = if below(4) == 0 { 80 } else { 20 };
    let count = below(most);
    let text: String = (0..count).map(|_| letters[below(letters.len() as u64) as usize]).collect();
    msgpack::text(out, &text);
}

#[test]
fn random_values_are_as_the_plain_writer_has_them() {
    let mut below = random();
    for _ in 0..10_000 {
        let mut value = Vec::new();
        any_value(&mut value, &mut below, 4);
        assert_eq!(json(&value).unwrap(), plain(&value).unwrap().0);
        // Cut anywhere, or with a byte changed, both still agree.
        let mut broken = value;
        broken.truncate(below(broken.len() as u64 + 1) as usize);
        if let Some(byte) = broken.len().checked_sub(1).map(|last| below(last as u64 + 1) as usize) {
            broken[byte] ^= below(256) as u8;
        }
        assert_eq!(json(&broken), plain(&broken).map(|(text, _)| text));
    }
}

/// Records of a few contexts, with all that may stand around their messages, and some that are none of ours.
fn any_entry(below: &mut impl FnMut(u64) -> u64) -> Vec<u8> {
    let mut entry = Vec::new();
    if below(8) == 0 {
        entry.extend_from_slice(&[0x92, below(128) as u8]);
        let names: [&[&str]; 4] =
            [&["message"], &["message", "x", "y"], &["context"], &["a", "message", "message"]];
        let keys = names[below(4) as usize];
        msgpack::map_header(&mut entry, keys.len());
        for key in keys {
            msgpack::text(&mut entry, key);
            any_value(&mut entry, below, 2);
        }
        return entry;
    }
    let with_id = below(2) == 0;
    let user = ["u", "someone with quite a long name", "q\"uoted"][below(3) as usize]
        .repeat(1 + 200 * usize::from(below(20) == 0));
    let head = RecordPrefix::new(
        &user,
        ["c", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"][below(2) as usize],
        Shape { has_event_id: with_id, ..Shape::default() },
    );
    let time = 1_700_000_000 + below(2) as u32;
    Output::to(&mut entry, |out| record::begin(out, &head, time.into()));
    any_map(&mut entry, below, 2);
    msgpack::text(&mut entry, "export_timestamp");
    msgpack::uint(&mut entry, time.into());
    if with_id {
        msgpack::text(&mut entry, "event_id");
        msgpack::text(&mut entry, &below(1000).to_string());
    }
    entry
}

#[test]
fn what_is_kept_of_the_last_record_changes_nothing() {
    let mut below = random();
    let mut known = KnownParts::default();
    for _ in 0..200 {
        let entries: Vec<Vec<u8>> = (0..below(20)).map(|_| any_entry(&mut below)).collect();
        let chunk = entries.concat();
        let mut rest = &chunk[..];
        for entry in &entries {
            let mut out = b"before".to_vec();
            assert_eq!(append_record(&mut out, rest, &mut known), Some(entry.len()));
            let (_, record) = value::split_entry(entry).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("before{}", plain(record).unwrap().0));
            // Cut short, it leaves nothing behind.
            let mut out = b"before".to_vec();
            assert_eq!(
                append_record(&mut out, &rest[..below(entry.len() as u64) as usize], &mut known),
                None
            );
            assert_eq!(out, b"before");
            rest = &rest[entry.len()..];
        }
    }
}
