//! Forward messages written by hand, and a client that sends them.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

pub(crate) mod http;
#[cfg(feature = "cli")]
pub(crate) mod program;
pub(crate) mod tls;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use rmp::encode;

/// Long enough for a busy machine; nothing waits that long when all is well.
pub(crate) const LONG: Duration = Duration::from_secs(120);
pub(crate) const TAG: &str = "mona.client.message";

pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    encode::write_str(out, text).unwrap();
}

/// A record as libmona sends it; `message` is msgpack.
pub(crate) fn record(context: &str, message: &[u8], event_id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    encode::write_map_len(&mut out, 4 + u32::from(event_id.is_some())).unwrap();
    text(&mut out, "user_id");
    text(&mut out, "user");
    text(&mut out, "context");
    text(&mut out, context);
    text(&mut out, "message");
    out.extend(message);
    text(&mut out, "export_timestamp");
    encode::write_sint(&mut out, 1_552_903_200).unwrap();
    if let Some(id) = event_id {
        text(&mut out, "event_id");
        text(&mut out, id);
    }
    out
}

/// `{key: value}` with a float or an integer.
pub(crate) fn field(key: &str, value: f64) -> Vec<u8> {
    let mut out = vec![0x81];
    text(&mut out, key);
    if value.fract() == 0.0 {
        encode::write_sint(&mut out, value as i64).unwrap();
    } else {
        encode::write_f64(&mut out, value).unwrap();
    }
    out
}

/// `{key: text}`.
pub(crate) fn field_text(key: &str, value: &str) -> Vec<u8> {
    let mut out = vec![0x81];
    text(&mut out, key);
    text(&mut out, value);
    out
}

/// `[time, record]` pairs without anything around them.
pub(crate) fn entries(records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        out.push(0x92);
        encode::write_sint(&mut out, 1_552_903_200).unwrap();
        out.extend(record);
    }
    out
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn option(id: Option<&str>, size: usize, compressed: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let count = 1 + u32::from(id.is_some()) + u32::from(compressed);
    encode::write_map_len(&mut out, count).unwrap();
    if let Some(id) = id {
        text(&mut out, "chunk");
        text(&mut out, id);
    }
    text(&mut out, "size");
    encode::write_uint(&mut out, size as u64).unwrap();
    if compressed {
        text(&mut out, "compressed");
        text(&mut out, "gzip");
    }
    out
}

pub(crate) fn packed(id: &str, records: &[Vec<u8>]) -> Vec<u8> {
    body(&entries(records), &option(Some(id), records.len(), false))
}

/// `[tag, bin, option]`
pub(crate) fn body(bytes: &[u8], option: &[u8]) -> Vec<u8> {
    let mut out = vec![0x93];
    text(&mut out, TAG);
    encode::write_bin(&mut out, bytes).unwrap();
    out.extend(option);
    out
}

/// A chunk of one event that is easy to recognise.
pub(crate) fn chunk(id: &str, n: u64) -> Vec<u8> {
    packed(id, &[record("main", &field("n", n as f64), Some(&format!("instance-{n}")))])
}

pub(crate) fn ack(id: &str) -> Vec<u8> {
    let mut out = vec![0x81];
    text(&mut out, "ack");
    text(&mut out, id);
    out
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// Reads exactly as many bytes as are expected and compares.
pub(crate) fn expect(stream: &mut impl Read, expected: &[u8]) {
    let mut found = vec![0; expected.len()];
    stream.read_exact(&mut found).unwrap();
    assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

/// Everything until the end of the stream, and whether it ended with a reset.
pub(crate) fn rest(stream: &mut impl Read) -> (Vec<u8>, bool) {
    let mut found = Vec::new();
    match stream.read_to_end(&mut found) {
        Ok(_) => (found, false),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (found, true),
        Err(error) => panic!("neither an end nor a reset: {error}"),
    }
}

/// Asserts that nothing can be read for a while.
pub(crate) fn expect_silence(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
    let found = stream.read(&mut [0; 1]);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.set_read_timeout(Some(LONG)).unwrap();
}

pub(crate) fn eventually(what: &str, mut met: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !met() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
