//! One Forward message, read as a [`Chunk`].
//!
//! All four modes of the protocol end the same way: a buffer of entries and where each record lies in
//! it. Every record was walked over once, so that reading it later cannot fail.

use std::borrow::Cow;

use super::options::Options;
use crate::proto::budget::Share;
use crate::proto::chunk::{AsSent, Chunk, Entry, Mode};
use crate::proto::gzip::gunzip;
use crate::proto::malformed::{MAX_ENTRIES, Malformed, check_name};
use crate::proto::msgpack::{Cursor, Head};
use crate::proto::record::Time;

/// Reads one complete message; what it unfolds to is taken from the share first.
pub(crate) fn parse<'a>(message: &'a [u8], share: &mut Share) -> Result<Chunk<'a>, Malformed> {
    let mut cursor = Cursor::new(message);
    let count = match cursor.head()? {
        Head::Array(count @ 2..=4) => count,
        Head::Array(count) => {
            return Err(Malformed::new(format!("message: found {count} parts, expected 2 to 4")));
        }
        other => {
            return Err(Malformed::new(format!("message: found {}, expected an array", other.kind())));
        }
    };
    let tag = cursor.text("tag")?;
    check_name("tag", tag.len())?;
    let tag = String::from_utf8_lossy(tag).into_owned();
    match cursor.peek()? {
        Head::Str(_) | Head::Bin(_) if count <= 3 => packed(tag, count, cursor, message, share),
        Head::Array(_) if count <= 3 => forward(tag, count, cursor, message, share),
        Head::Uint(_) | Head::Int(_) | Head::Ext(..) if count >= 3 => single(tag, count, cursor, message),
        other => Err(Malformed::new(format!(
            "message of {count} parts: found {} behind the tag, expected entries or a time",
            other.kind()
        ))),
    }
}

fn packed<'a>(
    tag: String,
    count: usize,
    mut cursor: Cursor<'a>,
    message: &[u8],
    share: &mut Share,
) -> Result<Chunk<'a>, Malformed> {
    let sent = cursor.text("entries")?;
    let option = Options::parse(&mut cursor, count == 3)?;
    let (mode, body) = if option.gzip {
        (Mode::CompressedPackedForward, Cow::Owned(gunzip("entries", sent, share)?))
    } else {
        (Mode::PackedForward, Cow::Borrowed(sent))
    };
    let mut walk = Cursor::new(&body);
    let mut entries = Vec::new();
    while !walk.is_empty() {
        add(&mut entries, entry(&mut walk)?, share)?;
    }
    Ok(option.chunk(tag, mode, message, sent, entries, body))
}

fn forward<'a>(
    tag: String,
    count: usize,
    mut cursor: Cursor<'a>,
    message: &'a [u8],
    share: &mut Share,
) -> Result<Chunk<'a>, Malformed> {
    let start = cursor.at();
    let Head::Array(length) = cursor.head()? else {
        return Err(Malformed::new("entries: expected an array"));
    };
    let mut entries = Vec::new();
    for _ in 0..length {
        add(&mut entries, entry(&mut cursor)?, share)?;
    }
    let sent = message.get(start..cursor.at()).unwrap_or_default();
    let option = Options::parse(&mut cursor, count == 3)?;
    Ok(option.chunk(tag, Mode::Forward, message, sent, entries, Cow::Borrowed(message)))
}

fn single<'a>(
    tag: String,
    count: usize,
    mut cursor: Cursor<'a>,
    message: &'a [u8],
) -> Result<Chunk<'a>, Malformed> {
    let start = cursor.at();
    let entries = vec![timed(&mut cursor)?];
    let sent = message.get(start..cursor.at()).unwrap_or_default();
    let option = Options::parse(&mut cursor, count == 4)?;
    Ok(option.chunk(tag, Mode::Message, message, sent, entries, Cow::Borrowed(message)))
}

fn add(entries: &mut Vec<Entry>, entry: Entry, share: &mut Share) -> Result<(), Malformed> {
    if entries.len() == MAX_ENTRIES {
        return Err(Malformed::too_large(format!(
            "entries: found more than {MAX_ENTRIES}, expected no more"
        )));
    }
    share.reserve(entries, 1)?;
    entries.push(entry);
    Ok(())
}

/// `[time, record]`
fn entry(cursor: &mut Cursor<'_>) -> Result<Entry, Malformed> {
    match cursor.head()? {
        Head::Array(2) => timed(cursor),
        Head::Array(count) => {
            Err(Malformed::new(format!("entry: found {count} parts, expected a time and a record")))
        }
        other => Err(Malformed::new(format!(
            "entry: found {}, expected an array of time and record",
            other.kind()
        ))),
    }
}

/// `time, record`
fn timed(cursor: &mut Cursor<'_>) -> Result<Entry, Malformed> {
    let time = time(cursor)?;
    match cursor.peek()? {
        Head::Map(_) => {}
        other => return Err(Malformed::new(format!("record: found {}, expected a map", other.kind()))),
    }
    let start = cursor.at();
    cursor.skip()?;
    Ok(Entry { time, range: start..cursor.at() })
}

fn time(cursor: &mut Cursor<'_>) -> Result<Time, Malformed> {
    const NANOSECONDS: u32 = 1_000_000_000;
    match cursor.head()? {
        Head::Int(seconds) => Ok(Time { seconds, nanoseconds: 0 }),
        Head::Uint(seconds) => i64::try_from(seconds)
            .map(|seconds| Time { seconds, nanoseconds: 0 })
            .map_err(|_| Malformed::new(format!("time: found {seconds}, expected seconds since 1970"))),
        Head::Ext(0, 8) => {
            let (seconds, nanoseconds) = cursor.take(8)?.split_at_checked(4).unwrap_or_default();
            let word = |bytes: &[u8]| bytes.iter().fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte));
            let (seconds, nanoseconds) = (word(seconds), word(nanoseconds));
            Ok(Time {
                seconds: i64::from(seconds) + i64::from(nanoseconds / NANOSECONDS),
                nanoseconds: nanoseconds % NANOSECONDS,
            })
        }
        other => {
            Err(Malformed::new(format!("time: found {}, expected an integer or an EventTime", other.kind())))
        }
    }
}

impl Options {
    fn chunk<'a>(
        self,
        tag: String,
        mode: Mode,
        message: &[u8],
        sent: &'a [u8],
        entries: Vec<Entry>,
        body: Cow<'a, [u8]>,
    ) -> Chunk<'a> {
        let (bytes, user_id) = (message.len(), None);
        Chunk {
            tag,
            mode,
            id: self.id,
            size: self.size,
            user_id,
            bytes,
            entries,
            option: self.form,
            body,
            sent: AsSent::Bytes(sent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::budget::Budget;
    use crate::proto::forward::json::Floats;
    use crate::proto::malformed::MAX_MESSAGE;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use sha2::{Digest, Sha256};
    use std::io::Write;

    fn read(message: &[u8]) -> Result<Chunk<'_>, Malformed> {
        parse(message, &mut Budget::default().share())
    }

    /// `[1, {"a": n}]`
    fn pair(n: u8) -> Vec<u8> {
        vec![0x92, 0x01, 0x81, 0xa1, b'a', n]
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn message(parts: &[&[u8]]) -> Vec<u8> {
        let mut out = vec![0x90 | parts.len() as u8];
        out.extend(parts.concat());
        out
    }

    fn bin(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        rmp::encode::write_bin(&mut out, bytes).unwrap();
        out
    }

    fn option(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        rmp::encode::write_map_len(&mut out, pairs.len() as u32).unwrap();
        for (key, value) in pairs {
            rmp::encode::write_str(&mut out, key).unwrap();
            rmp::encode::write_str(&mut out, value).unwrap();
        }
        out
    }

    fn values(chunk: &Chunk<'_>) -> Vec<String> {
        chunk.entries.iter().map(|entry| chunk.json(entry, Floats::Null).unwrap().to_string()).collect()
    }

    #[test]
    fn four_modes_give_the_same_records() {
        let both = [pair(1), pair(2)].concat();
        let id = option(&[("chunk", "id")]);
        let members = [gzip(&pair(1)), gzip(&pair(2))].concat();
        let compressed = option(&[("compressed", "gzip"), ("chunk", "id")]);
        let cases = [
            (message(&[b"\xa1t", &[&[0x92], &both[..]].concat(), &id]), Mode::Forward),
            (message(&[b"\xa1t", &bin(&both), &id]), Mode::PackedForward),
            (message(&[b"\xa1t", &[&[0xac], &both[..]].concat(), &id]), Mode::PackedForward),
            (message(&[b"\xa1t", &bin(&gzip(&both)), &compressed]), Mode::CompressedPackedForward),
            (message(&[b"\xa1t", &bin(&members), &compressed]), Mode::CompressedPackedForward),
        ];
        for (bytes, mode) in &cases {
            let chunk = read(bytes).unwrap();
            assert_eq!((chunk.mode, chunk.tag.as_str(), chunk.id.as_deref()), (*mode, "t", Some("id")));
            assert_eq!(values(&chunk), [r#"{"a":1}"#, r#"{"a":2}"#], "{mode:?}");
            assert_eq!(chunk.bytes, bytes.len());
        }
        let bytes = message(&[b"\xa1t", b"\x01", b"\x81\xa1a\x01", &id]);
        let chunk = read(&bytes).unwrap();
        assert_eq!((chunk.mode, chunk.id.as_deref()), (Mode::Message, Some("id")));
        assert_eq!(values(&chunk), [r#"{"a":1}"#]);
        assert_eq!(chunk.raw(&chunk.entries[0]), b"\x81\xa1a\x01");
    }

    #[test]
    fn a_chunk_without_entries_is_one_all_the_same() {
        let options = option(&[("chunk", "id")]);
        for (entries, mode) in [(&b"\x90"[..], Mode::Forward), (b"\xc4\x00", Mode::PackedForward)] {
            let bytes = message(&[b"\xa1t", entries, &options]);
            let chunk = read(&bytes).unwrap();
            assert_eq!((chunk.mode, chunk.id.as_deref(), chunk.entries.len()), (mode, Some("id"), 0));
        }
    }

    #[test]
    fn the_digest_is_over_the_body_as_sent() {
        let packed = gzip(&pair(1));
        let bytes = message(&[b"\xa1t", &bin(&packed), &option(&[("compressed", "gzip")])]);
        let expected: [u8; 32] = Sha256::digest(&packed).into();
        assert_eq!(read(&bytes).unwrap().sha256(), expected);
    }

    #[test]
    fn times_in_both_forms() {
        let time = |bytes: &[u8]| time(&mut Cursor::new(bytes)).map(|time| time.to_string());
        assert_eq!(time(&[0xd7, 0, 0, 0, 0, 5, 0, 0, 0, 7]).unwrap(), "5.000000007");
        assert_eq!(time(&[0xc7, 8, 0, 0, 0, 0, 5, 0, 0, 0, 0]).unwrap(), "5");
        assert_eq!(time(&[0xd7, 0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff]).unwrap(), "9.294967295");
        assert_eq!(time(&[0xff]).unwrap(), "-1");
        assert_eq!(time(&[0xcf, 0, 0, 0, 1, 0, 0, 0, 0]).unwrap(), "4294967296");
        for bad in
            [&[0xc0][..], &[0xcb, 0, 0, 0, 0, 0, 0, 0, 0], &[0xd7, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[0xcf; 9]]
        {
            assert!(time(bad).is_err(), "{bad:x?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let packed = bin(&pair(1));
        let gzipped = option(&[("compressed", "gzip")]);
        let tag = |bytes: u16| [&[0xda][..], &bytes.to_be_bytes(), &vec![b't'; bytes.into()]].concat();
        assert!(read(&message(&[&tag(1024), &packed])).is_ok());
        let cases: [(Vec<u8>, &str); 10] = [
            (message(&[&tag(1025), &packed]), "tag: found 1025 bytes, expected at most 1024"),
            (message(&[b"\xa1t"]), "message: found 1 parts, expected 2 to 4"),
            (message(&[b"\x01", &packed]), "tag: found an integer, expected text"),
            (
                message(&[b"\xa1t", b"\xc0"]),
                "message of 2 parts: found nil behind the tag, expected entries or a time",
            ),
            (
                message(&[b"\xa1t", &bin(b"\x01")]),
                "entry: found an integer, expected an array of time and record",
            ),
            (message(&[b"\xa1t", &bin(b"\x92\x01\x90")]), "record: found an array, expected a map"),
            (
                message(&[b"\xa1t", &bin(b"\x92\x01\x82\xa1a")]),
                "msgpack: found the end of the bytes inside a value, expected the rest of it",
            ),
            (message(&[b"\xa1t", &packed, b"\x01"]), "option: found an integer, expected a map"),
            (
                message(&[b"\xa1t", &packed, &option(&[("compressed", "zstd")])]),
                "option compressed: found \"zstd\", expected gzip",
            ),
            (
                message(&[b"\xa1t", &packed, &gzipped]),
                "entries: found \"unexpected end of file\" when decompressing, expected gzip members",
            ),
        ];
        for (bytes, sentence) in cases {
            assert_eq!(read(&bytes).unwrap_err().to_string(), sentence);
        }
    }

    #[test]
    fn a_small_message_cannot_unfold_without_bound() {
        let bomb = gzip(&vec![0; MAX_MESSAGE + 1]);
        let bytes = message(&[b"\xa1t", &bin(&bomb), &option(&[("compressed", "gzip")])]);
        let sentence = read(&bytes).unwrap_err().to_string();
        assert!(sentence.contains("when decompressed"), "{sentence}");
    }
}
