//! One record as it was taken.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_decimal_seconds() {
        let time = Time { seconds: 1_552_903_200, nanoseconds: 250 };
        assert_eq!(time.to_string(), "1552903200.000000250");
        assert_eq!(Time { seconds: -5, nanoseconds: 0 }.to_string(), "-5");
    }
}
