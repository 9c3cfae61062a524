//! A spool as tools see it: what it holds, whether it is whole, its records as JSON.
//!
//! Needs no client. Reads only and locks nothing for longer than a look, so that the processes that use the spool do not
//! notice.

use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value as Json, json};

use crate::diag::error::{Error, Result, Status};
use crate::spool::{self, Found, WalkedRecord};
use crate::sys::float_mode;
use crate::transport::append_lines;

/// Four times what a chunk may have, so that a file made to fill the memory does not.
const MOST_UNPACKED: u64 = 8 * 1024 * 1024;

/// What the instances in a spool hold, the oldest first, as a JSON array of `{"instance", "owned", "segments",
/// "records", "events", "bytes", "age_seconds"}`. An owned instance belongs to a process that runs; `age_seconds` is
/// null where there is no segment.
///
/// # Errors
/// [`Status::Io`] when the directory cannot be read.
pub fn list(dir: &Path) -> Result<String> {
    let now = SystemTime::now();
    let instances = spool::list(dir)?.iter().map(|found| instance(found, now)).collect();
    Ok(Json::Array(instances).to_string())
}

fn instance(found: &Found, now: SystemTime) -> Json {
    let age = found.oldest.map(|oldest| now.duration_since(oldest).unwrap_or_default().as_secs());
    json!({
        "instance": found.uuid,
        "owned": found.is_alive,
        "segments": found.segments,
        "records": found.records,
        "events": found.events,
        "bytes": found.bytes,
        "age_seconds": age,
    })
}

/// Reads everything in a spool: a JSON object with the sums `"instances"`, `"segments"`, `"records"`, `"events"`,
/// `"bytes"`, the number `"damaged"` of places where something is wrong, and the array `"damage"` of `{"file",
/// "error"}`, a thousand at most. A record that a running process is just writing is no damage.
///
/// # Errors
/// [`Status::Io`] when the directory cannot be read.
pub fn verify(dir: &Path) -> Result<String> {
    let verified = spool::verify(dir)?;
    let damage: Vec<Json> = verified
        .damage
        .iter()
        .map(|damage| json!({ "file": damage.file, "error": damage.sentence }))
        .collect();
    let sum = |of: fn(&Found) -> u64| verified.found.iter().map(of).sum::<u64>();
    let report = json!({
        "instances": verified.found.len(),
        "segments": sum(|found| found.segments),
        "records": sum(|found| found.records),
        "events": sum(|found| found.events),
        "bytes": sum(|found| found.bytes),
        "damaged": verified.damaged,
        "damage": damage,
    });
    Ok(report.to_string())
}

/// Reads the first chunk behind `place`, which is the name of an instance, for its first chunk, or the `"place"` of the
/// chunk read before. The first line is `{"place", "id", "events", "error"}`; each further line is a record as the
/// endpoint `stdout:` writes it. `error` is null, or why there are no records.
///
/// # Errors
/// [`Status::NotFound`] behind the last chunk, or when the instance is gone; [`Status::Argument`] when it is no place;
/// [`Status::Io`] when the directory cannot be read.
pub fn read(dir: &Path, place: &str) -> Result<String> {
    let place = Place::parse(place).ok_or_else(|| no_place(place))?;
    match spool::next(dir, place.instance, place.after)? {
        Some(record) => Ok(text(place.instance, &record)),
        None => Err(Error::new(Status::NotFound, "record: none waits there, another instance is expected")),
    }
}

fn no_place(place: &str) -> Error {
    let expected = "the name of an instance or the place of a chunk read before is expected";
    Error::new(Status::Argument, format!("place: \"{place}\", {expected}"))
}

/// Where to go on.
struct Place<'a> {
    instance: &'a str,
    /// Segment and offset of the record before.
    after: Option<(u32, u32)>,
}

impl<'a> Place<'a> {
    fn parse(text: &'a str) -> Option<Place<'a>> {
        let mut parts = text.split('/');
        let instance = parts.next().filter(|instance| !instance.is_empty())?;
        let after = match parts.next() {
            Some(segment) => Some((segment.parse().ok()?, parts.next()?.parse().ok()?)),
            None => None,
        };
        parts.next().is_none().then_some(Place { instance, after })
    }
}

fn text(instance: &str, record: &WalkedRecord) -> String {
    let unpacked = if record.is_gzip { unpack(&record.body) } else { None };
    let body = if record.is_gzip { unpacked.as_deref() } else { Some(&record.body[..]) };
    let head = json!({
        "place": format!("{instance}/{}/{}", record.segment, record.offset),
        "id": STANDARD.encode(record.id),
        "events": record.events,
        "error": body.is_none().then_some("it is compressed and cannot be unpacked"),
    });
    let mut text = head.to_string().into_bytes();
    text.push(b'\n');
    float_mode::in_default(|| append_lines(&mut text, body.unwrap_or_default()));
    String::from_utf8_lossy(&text).into_owned()
}

fn unpack(body: &[u8]) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    GzDecoder::new(body).take(MOST_UNPACKED + 1).read_to_end(&mut raw).ok()?;
    (raw.len() as u64 <= MOST_UNPACKED).then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn packed(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    /// The first line, and how many follow.
    fn read_back(is_gzip: bool, body: Vec<u8>) -> (Json, usize) {
        let record = WalkedRecord { segment: 2, offset: 32, id: [0; 16], is_gzip, events: 2, body };
        let text = text("a", &record);
        let (head, lines) = text.split_once('\n').unwrap();
        (serde_json::from_str(head).unwrap(), lines.lines().count())
    }

    /// Two entries, `[1, {}]` each.
    const ENTRIES: &[u8] = &[0x92, 1, 0x80, 0x92, 1, 0x80];

    #[test]
    fn a_chunk_is_a_line_about_it_and_a_line_for_each_record() {
        for (is_gzip, body) in [(false, ENTRIES.to_vec()), (true, packed(ENTRIES))] {
            let (head, lines) = read_back(is_gzip, body);
            let expected =
                json!({"place": "a/2/32", "id": "AAAAAAAAAAAAAAAAAAAAAA==", "events": 2, "error": null});
            assert_eq!((head, lines), (expected, 2));
        }
    }

    #[test]
    fn what_cannot_be_unpacked_or_would_fill_the_memory_is_an_error() {
        let mut cut = packed(ENTRIES);
        cut.truncate(cut.len() - 9);
        let bomb = packed(&ENTRIES.repeat(MOST_UNPACKED as usize / ENTRIES.len() + 1));
        assert!(bomb.len() < 100_000);
        for body in [cut, bomb, vec![1, 2, 3]] {
            let (head, lines) = read_back(true, body);
            assert!(head["error"].as_str().is_some_and(|error| error.contains("unpacked")), "{head}");
            assert_eq!(lines, 0);
        }
    }

    #[test]
    fn a_place_is_an_instance_or_what_was_read_before() {
        assert!(Place::parse("a").is_some_and(|place| place.instance == "a" && place.after.is_none()));
        assert!(Place::parse("a/2/32").is_some_and(|place| place.after == Some((2, 32))));
        for wrong in ["", "/", "a/", "a/2", "a/2/", "a/2/32/", "a/-2/32", "a/2/4294967296", "a/x/1"] {
            assert!(Place::parse(wrong).is_none(), "{wrong}");
        }
    }
}
