//! One record as it was taken, and its line of NDJSON.

use std::io::{self, Write};

use serde_json::Value;

/// The event time that stands beside a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since the Unix epoch.
    pub seconds: i64,
    /// 0 to 999,999,999; always 0 where the sender gave whole seconds.
    pub nanoseconds: u32,
}

impl std::fmt::Display for Time {
    /// Decimal seconds without loss: `1552903200` or `1552903200.000000250`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.nanoseconds {
            0 => write!(f, "{}", self.seconds),
            nanoseconds => write!(f, "{}.{nanoseconds:09}", self.seconds),
        }
    }
}

/// One record that a collector took.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The tag of its chunk, for libmona `mona.client.message`; over HTTP the path of the request.
    pub tag: String,
    /// The `userId` beside it in a request to the Mona REST API.
    pub user_id: Option<String>,
    /// Its event time; over HTTP the moment it arrived.
    pub time: Time,
    /// The record as JSON, in the REST API the message with its class and context; NaN and infinities are `{"$float": "NaN"}`, `"Infinity"`, `"-Infinity"`.
    pub record: Value,
    /// The very bytes of the record: a map of msgpack, over HTTP an object of JSON.
    pub raw: Vec<u8>,
}

/// Writes `{"tag":…,"time":…,"record":{…}}` and a line feed.
pub fn write_line(out: &mut impl Write, tag: &str, time: Time, record: &Value) -> io::Result<()> {
    out.write_all(b"{\"tag\":")?;
    serde_json::to_writer(&mut *out, tag)?;
    write!(out, ",\"time\":{time},\"record\":")?;
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let mut line = Vec::new();
        let time = Time { seconds: 1_552_903_200, nanoseconds: 250 };
        write_line(&mut line, "a\"b\n", time, &serde_json::json!({"z": 1, "a": "\u{7}\n"})).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"tag\":\"a\\\"b\\n\",\"time\":1552903200.000000250,\"record\":{\"z\":1,\"a\":\"\\u0007\\n\"}}\n"
        );
        assert_eq!(Time { seconds: -5, nanoseconds: 0 }.to_string(), "-5");
    }
}
