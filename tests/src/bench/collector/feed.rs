//! Events as libmona sends them, packed by hand, and the same as lines of `--out`.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// Records of a chunk: a few hundred kB, as libmona's are.
const RECORDS: u64 = 1_800;
/// Chunks that are packed; they are sent in turn.
const CHUNKS: u64 = 64;
const TAG: &str = "mona.client.message";
const TIME: u32 = 1_795_956_876;

/// What the messages are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Seven fields, 118 bytes of JSON.
    Flat,
    /// The same in objects, with a list.
    Nested,
}

/// Events of one kind, in so many ARCs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) arcs: u64,
    pub(super) kind: Kind,
}

/// Chunks with their ids, in PackedForward mode.
pub(super) fn chunks(workload: &Workload) -> Vec<(Vec<u8>, Vec<u8>)> {
    // All ARCs have their turn.
    let many = CHUNKS.max(workload.arcs.div_ceil(RECORDS));
    (0..many).map(|number| chunk(workload, number)).collect()
}

fn chunk(workload: &Workload, number: u64) -> (Vec<u8>, Vec<u8>) {
    let mut entries = Vec::new();
    for n in number * RECORDS..(number + 1) * RECORDS {
        entries.push(0x92);
        integer(TIME, &mut entries);
        entries.push(0x84);
        pair("user_id", "user-1", &mut entries);
        pair("context", &format!("{:032x}", 0x9e37_79b9_u64 + n % workload.arcs), &mut entries);
        text("message", &mut entries);
        match workload.kind {
            Kind::Flat => flat(n, &mut entries),
            Kind::Nested => {
                entries.push(0x83);
                text("input", &mut entries);
                flat(n, &mut entries);
                text("output", &mut entries);
                entries.push(0x81);
                text("scores", &mut entries);
                flat(n + 1, &mut entries);
                text("path", &mut entries);
                entries.push(0x93);
                for at in 0..3 {
                    integer(at, &mut entries);
                }
            }
        }
        text("export_timestamp", &mut entries);
        integer(TIME, &mut entries);
    }
    let id = format!("{number:024x}");
    let mut chunk = vec![0x93];
    text(TAG, &mut chunk);
    chunk.push(0xc6);
    chunk.extend(u32::try_from(entries.len()).unwrap_or(u32::MAX).to_be_bytes());
    chunk.extend(entries);
    chunk.push(0x82);
    text("size", &mut chunk);
    integer(u32::try_from(RECORDS).unwrap_or(u32::MAX), &mut chunk);
    pair("chunk", &id, &mut chunk);
    let mut ack = vec![0x81];
    pair("ack", &id, &mut ack);
    (chunk, ack)
}

fn flat(n: u64, out: &mut Vec<u8>) {
    out.push(0x87);
    pair("MONA_ARC_CLASS", "digit-classifier", out);
    pair("country", ["DE", "FR", "IT", "ES"].get((n % 4) as usize).copied().unwrap_or("DE"), out);
    text("confidence", out);
    out.push(0xcb);
    out.extend((0.5 + (n % 997) as f64 / 2_000.0).to_be_bytes());
    text("milliseconds", out);
    integer((n % 5_000) as u32, out);
    text("is_right", out);
    out.push(if n.is_multiple_of(7) { 0xc2 } else { 0xc3 });
    text("label", out);
    out.push((n % 10) as u8);
    pair("model", "v2.1.0", out);
}

fn text(text: &str, out: &mut Vec<u8>) {
    // All texts are shorter than 256 bytes.
    out.extend([0xd9, text.len() as u8]);
    out.extend(text.as_bytes());
}

fn pair(name: &str, value: &str, out: &mut Vec<u8>) {
    text(name, out);
    text(value, out);
}

fn integer(number: u32, out: &mut Vec<u8>) {
    out.push(0xce);
    out.extend(number.to_be_bytes());
}

/// Sends so many events or a few more, waiting for each acknowledgement; gives how many.
pub(super) fn send(stream: &mut TcpStream, chunks: &[(Vec<u8>, Vec<u8>)], events: u64) -> io::Result<u64> {
    let mut sent = 0;
    for (chunk, ack) in chunks.iter().cycle() {
        if sent >= events {
            break;
        }
        stream.write_all(chunk)?;
        // The collector's texts have shorter heads than ours.
        let mut answer = [0; 256];
        let read = stream.read(&mut answer)?;
        if read == 0 || !answer.windows(24).any(|part| ack.ends_with(part)) {
            return Err(io::Error::other("the collector did not acknowledge a chunk"));
        }
        sent += RECORDS;
    }
    Ok(sent)
}

/// Writes ARCs of 7 fields with two sub-contexts each, ten a second, as `--out` does.
pub(super) fn write_records(path: &Path, arcs: u64) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) % below
    };
    let mut line = String::new();
    for n in 0..arcs {
        let time = f64::from(TIME) + n as f64 / 10.0;
        let id = format!("{:016x}{:016x}", next(u64::MAX), n);
        line.clear();
        let mut record = |context: &str, message: &str| {
            let _ = writeln!(
                line,
                r#"{{"tag":"{TAG}","time":{},"record":{{"user_id":"u","context":"{context}","message":{{{message}}},"export_timestamp":{time}}}}}"#,
                time as u64
            );
        };
        record(
            &id,
            &format!(
                r#""MONA_ARC_CLASS":"run","country":"c{}","label":{},"confidence":{},"ms":{},"ok":{},"size":{},"version":"v{}""#,
                next(10),
                next(10),
                next(1 << 40) as f64 / (1_u64 << 40) as f64,
                next(1 << 30) as f64 / 1e6,
                next(10) > 0,
                next(1_000),
                n * 5 / arcs
            ),
        );
        for stage in 0..2 {
            let message = format!(
                r#""MONA_ARC_CLASS":"run/detect","label":"l{}","ms":{},"score":{}"#,
                next(10),
                next(1 << 20) as f64 / 1e3,
                next(10_000) as f64 / 1e4
            );
            record(&format!("{id}.{stage}{:06x}", next(1 << 24)), &message);
        }
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}
