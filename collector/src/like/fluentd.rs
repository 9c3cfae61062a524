//! Fluentd 1.18.0 with msgpack 1.4.2 and yajl 1.4.3, as `in_forward` was measured.
//!
//! The formatter of its output runs in the thread of the input: with `@type json` a NaN or an infinity ends the
//! connection without an acknowledgement, with `@type msgpack` it does not. So does a record between 110 levels,
//! which pass, and 200, which do not. Empty chunks of every kind are acknowledged. A chunk above
//! `chunk_size_limit` is dropped without an answer, and the connection goes on.

use std::str::FromStr;

use super::settings;
use crate::proto::chunk::Chunk;
use crate::proto::forward::handshake::Helo;
use crate::proto::shape::{depth, has_nonfinite};
use crate::server::likeness::{Likeness, Verdict};

/// The most levels that were seen to pass.
const MAX_DEPTH: usize = 110;
/// The default of `body_size_limit` of `in_http`.
const BODY_SIZE_LIMIT: usize = 32 << 20;

const SETTINGS: &str = "chunk-size-limit=BYTES, output=json|msgpack";

/// Fluentd 1.18.
#[derive(Debug, Clone, Copy)]
pub struct Fluentd {
    chunk_size_limit: Option<usize>,
    is_json: bool,
}

impl Fluentd {
    /// With its default settings: chunks of any size, output in JSON.
    pub fn new() -> Fluentd {
        Fluentd { chunk_size_limit: None, is_json: true }
    }

    /// Drops chunks of more bytes without an answer.
    pub fn chunk_size_limit(self, bytes: usize) -> Fluentd {
        Fluentd { chunk_size_limit: Some(bytes), ..self }
    }

    /// Writes msgpack, which holds every number.
    pub fn msgpack(self) -> Fluentd {
        Fluentd { is_json: false, ..self }
    }
}

impl Default for Fluentd {
    fn default() -> Fluentd {
        Fluentd::new()
    }
}

impl FromStr for Fluentd {
    type Err = String;

    fn from_str(text: &str) -> Result<Fluentd, String> {
        settings::read(text).try_fold(Fluentd::new(), |all, setting| {
            Ok(match setting.name {
                "chunk-size-limit" => all.chunk_size_limit(setting.bytes()?),
                "output" => Fluentd { is_json: setting.is("json", "msgpack")?, ..all },
                _ => return Err(setting.unknown(SETTINGS)),
            })
        })
    }
}

impl Likeness for Fluentd {
    fn helo(&self) -> Option<Helo> {
        Some(Helo::Fluentd)
    }

    fn forward(&self, chunk: &Chunk<'_>) -> Verdict {
        if let Some(most) = self.chunk_size_limit.filter(|most| chunk.bytes > *most) {
            return Verdict::Ignore(format!(
                "chunk: found {} bytes, expected at most {most}, the chunk_size_limit",
                chunk.bytes
            ));
        }
        for entry in &chunk.entries {
            let raw = chunk.raw(entry);
            if depth(chunk.mode, raw) > MAX_DEPTH {
                return Verdict::Refuse(format!(
                    "record: found more than {MAX_DEPTH} levels, expected no more"
                ));
            }
            if self.is_json && has_nonfinite(raw) {
                return Verdict::Refuse(
                    "record: found NaN or an infinity, expected what JSON has".to_owned(),
                );
            }
        }
        Verdict::Take
    }

    fn largest_body(&self) -> Option<usize> {
        Some(BODY_SIZE_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let read: Fluentd = "chunk-size-limit=1k:output=msgpack".parse().unwrap();
        assert_eq!((read.chunk_size_limit, read.is_json), (Some(1024), false));
        assert!("".parse::<Fluentd>().unwrap().is_json);
        assert!("output=xml".parse::<Fluentd>().unwrap_err().contains("expected json or msgpack"));
    }
}
