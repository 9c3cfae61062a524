//! The OpenTelemetry Collector's receivers `fluent_forward`, contrib 0.165.1, and over HTTP `otlp`, core 0.165.0, as they
//! were measured.
//!
//! The first speaks neither TLS nor a shared key. From 0.160 on it serves 100 connections and leaves more to the kernel,
//! which accepts them. A connection takes one chunk at a time, and one hand-over to the pipeline runs at a time
//! for all of them. An id that is *bin* is not seen: its events are kept and nothing is answered. Options that
//! are nil end the connection, and so does a time of `[EventTime, {}]`, which no server here takes. The second takes OTLP at
//! `/v1/logs` alone, and answers 400 to a body of more than 20 MiB.

use std::str::FromStr;
use std::sync::Mutex;

use super::settings;
use crate::proto::chunk::{Chunk, OptionForm};
use crate::server::likeness::{Likeness, Socket, Verdict};

/// The limit of the receiver, which has no setting for it.
const CONNECTIONS: usize = 100;

/// The default of `max_request_body_size`.
const MOST_BODY: usize = 20 << 20;

const SETTINGS: &str = "connections=N";

/// The OpenTelemetry Collector, contrib 0.165.
#[derive(Debug)]
pub struct OpenTelemetry {
    connections: usize,
    turn: Mutex<()>,
}

impl OpenTelemetry {
    /// As it is.
    pub fn new() -> OpenTelemetry {
        OpenTelemetry { connections: CONNECTIONS, turn: Mutex::new(()) }
    }

    /// Serves so many connections at a time; 100 in truth.
    pub fn connections(self, most: usize) -> OpenTelemetry {
        OpenTelemetry { connections: most, ..self }
    }
}

impl Default for OpenTelemetry {
    fn default() -> OpenTelemetry {
        OpenTelemetry::new()
    }
}

impl FromStr for OpenTelemetry {
    type Err = String;

    fn from_str(text: &str) -> Result<OpenTelemetry, String> {
        settings::read(text).try_fold(OpenTelemetry::new(), |all, setting| match setting.name {
            "connections" => Ok(all.connections(setting.number()?)),
            _ => Err(setting.unknown(SETTINGS)),
        })
    }
}

impl Likeness for OpenTelemetry {
    fn suits(&self, socket: Socket) -> Result<(), String> {
        let sentence = match socket {
            Socket { http: true, .. } => return Ok(()),
            Socket { tls: true, .. } => {
                "like otel: found TLS, expected none, which fluent_forward does not speak"
            }
            Socket { key: true, .. } => {
                "like otel: found a shared key, expected none: fluent_forward never says HELO"
            }
            Socket { http: false, tls: false, key: false } => return Ok(()),
        };
        Err(sentence.to_owned())
    }

    fn most_connections(&self) -> Option<usize> {
        Some(self.connections)
    }

    fn turn(&self) -> Option<&Mutex<()>> {
        Some(&self.turn)
    }

    fn largest_body(&self) -> Option<usize> {
        Some(MOST_BODY)
    }

    fn is_otlp_alone(&self) -> bool {
        true
    }

    fn forward(&self, chunk: &Chunk<'_>) -> Verdict {
        match chunk.option {
            OptionForm::Nil => Verdict::Refuse("option: found nil, expected a map or nothing".to_owned()),
            OptionForm::BinaryId => Verdict::TakeInSilence,
            OptionForm::Absent | OptionForm::Map => Verdict::Take,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_sockets_refused() {
        let read: OpenTelemetry = "connections=3".parse().unwrap();
        assert_eq!(read.most_connections(), Some(3));
        assert!("limit=3".parse::<OpenTelemetry>().is_err());
        let plain = Socket { http: false, tls: false, key: false };
        assert_eq!(read.suits(plain), Ok(()));
        assert_eq!(read.suits(Socket { http: true, tls: true, ..plain }), Ok(()));
        for socket in [Socket { tls: true, ..plain }, Socket { key: true, ..plain }] {
            assert!(read.suits(socket).unwrap_err().contains("expected"));
        }
    }
}
