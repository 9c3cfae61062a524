//! Fluent Bit 5.1.1, as `in_forward` and `in_http` were measured.
//!
//! To a client a message above `buffer_max_size`, a full disk and a full memory all look the same: a closed
//! connection without an acknowledgement. An empty PackedForward is one too, since 3.2.0; an empty Forward array
//! and an empty gzip member are acknowledged, even while nothing can be stored.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::settings;
use crate::proto::chunk::{Chunk, Mode};
use crate::proto::forward::handshake::Helo;
use crate::proto::shape::depth;
use crate::server::likeness::{Likeness, Verdict};

/// The default of `in_forward`: bytes of a message, as sent and decompressed.
const FORWARD_BUFFER: usize = 6_144_000;
/// The default of `in_http`: bytes of a body.
const HTTP_BUFFER: usize = 4 * 1024 * 1024;
/// Levels of a record, its own map the first. In truth `in_forward` acknowledges a deeper one and JSON outputs
/// drop it and the rest of its chunk; what is refused here is what a client must not send.
const MAX_DEPTH: usize = 62;
/// Its outputs take about this much a second, if nothing else is said.
const DRAIN: usize = 1 << 20;

const SETTINGS: &str = "buffer-max-size=BYTES, mem-buf-limit=BYTES, drain=BYTES (a second), full-for=TIME, \
    tls-delay=TIME, helo-delay=TIME";

/// Fluent Bit 5.1.
#[derive(Debug)]
pub struct FluentBit {
    /// Of both inputs, where it was set.
    buffer_max_size: Option<usize>,
    mem_buf_limit: Option<usize>,
    drain: usize,
    full_for: Duration,
    tls_delay: Duration,
    helo_delay: Duration,
    is_full: AtomicBool,
    memory: Mutex<Memory>,
}

/// What is buffered and not yet drained.
#[derive(Debug)]
struct Memory {
    start: Instant,
    used: f64,
    at: Instant,
}

impl FluentBit {
    /// With its default settings: no limit of memory, no delays.
    pub fn new() -> FluentBit {
        let now = Instant::now();
        FluentBit {
            buffer_max_size: None,
            mem_buf_limit: None,
            drain: DRAIN,
            full_for: Duration::ZERO,
            tls_delay: Duration::ZERO,
            helo_delay: Duration::ZERO,
            is_full: AtomicBool::new(false),
            memory: Mutex::new(Memory { start: now, used: 0.0, at: now }),
        }
    }

    /// Closes on Forward messages of more bytes, as sent or decompressed; larger bodies are answered with 413.
    /// Until it is set, these are 6,144,000 bytes and 4 MiB.
    pub fn buffer_max_size(self, bytes: usize) -> FluentBit {
        FluentBit { buffer_max_size: Some(bytes), ..self }
    }

    /// Buffers about this much and hands so much on in a second; more closes connections.
    pub fn memory(self, mem_buf_limit: usize, drain: usize) -> FluentBit {
        FluentBit { mem_buf_limit: Some(mem_buf_limit), drain, ..self }
    }

    /// Takes this long for a TLS handshake to begin, and for HELO. About half a second each was seen.
    pub fn delays(self, tls: Duration, helo: Duration) -> FluentBit {
        FluentBit { tls_delay: tls, helo_delay: helo, ..self }
    }

    /// The storage is full from now on, or has room again.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }

    /// Whether memory has room, once what was drained since is taken off.
    fn has_memory(&self) -> bool {
        let Some(limit) = self.mem_buf_limit else { return true };
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let drained = memory.at.elapsed().as_secs_f64() * self.drain as f64;
        memory.used = (memory.used - drained).max(0.0);
        memory.at = Instant::now();
        memory.used < limit as f64
    }

    fn is_storage_full(&self) -> bool {
        let start = self.memory.lock().unwrap_or_else(PoisonError::into_inner).start;
        self.is_full.load(Ordering::Relaxed) || start.elapsed() < self.full_for
    }

    /// Puts a chunk into memory, if there is room: the one that goes beyond the limit is still taken.
    fn stores(&self, chunk: &Chunk<'_>) -> Result<(), String> {
        if self.is_storage_full() {
            return Err("storage: found it full, expected room for a chunk".to_owned());
        }
        if !self.has_memory() {
            return Err("memory: found more than mem_buf_limit in use, expected less".to_owned());
        }
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).used += chunk.unpacked() as f64;
        Ok(())
    }

    fn deep(chunk: &Chunk<'_>) -> bool {
        chunk.entries.iter().any(|entry| depth(chunk.mode, chunk.raw(entry)) > MAX_DEPTH)
    }
}

impl Default for FluentBit {
    fn default() -> FluentBit {
        FluentBit::new()
    }
}

impl FromStr for FluentBit {
    type Err = String;

    fn from_str(text: &str) -> Result<FluentBit, String> {
        settings::read(text).try_fold(FluentBit::new(), |all, setting| {
            Ok(match setting.name {
                "buffer-max-size" => FluentBit { buffer_max_size: Some(setting.bytes()?), ..all },
                "mem-buf-limit" => FluentBit { mem_buf_limit: Some(setting.bytes()?), ..all },
                "drain" => FluentBit { drain: setting.bytes()?, ..all },
                "full-for" => FluentBit { full_for: setting.time()?, ..all },
                "tls-delay" => FluentBit { tls_delay: setting.time()?, ..all },
                "helo-delay" => FluentBit { helo_delay: setting.time()?, ..all },
                _ => return Err(setting.unknown(SETTINGS)),
            })
        })
    }
}

impl Likeness for FluentBit {
    /// An input that is paused closes what it accepts.
    fn is_open(&self) -> bool {
        self.has_memory()
    }

    fn tls_delay(&self) -> Duration {
        self.tls_delay
    }

    fn helo_delay(&self) -> Duration {
        self.helo_delay
    }

    fn helo(&self) -> Option<Helo> {
        Some(Helo::FluentBit)
    }

    fn forward(&self, chunk: &Chunk<'_>) -> Verdict {
        let bytes = chunk.bytes.max(chunk.unpacked());
        let most = self.buffer_max_size.unwrap_or(FORWARD_BUFFER);
        if bytes > most {
            return Verdict::Refuse(format!("message: found {bytes} bytes, expected at most {most}"));
        }
        if chunk.entries.is_empty() {
            return match chunk.mode {
                Mode::PackedForward => Verdict::Refuse(
                    "entries: found an empty PackedForward, expected [tag, [], {...}]".to_owned(),
                ),
                _ => Verdict::Take,
            };
        }
        if FluentBit::deep(chunk) {
            return Verdict::Refuse(format!("record: found more than {MAX_DEPTH} levels, expected no more"));
        }
        self.stores(chunk).map_or_else(Verdict::Refuse, |()| Verdict::Take)
    }

    fn largest_body(&self) -> Option<usize> {
        Some(self.buffer_max_size.unwrap_or(HTTP_BUFFER))
    }

    /// Beyond its levels 201 is answered and nothing of the request kept. No 400 was seen for a full buffer; what
    /// a full one does here is to close, which is left to [`Likeness::is_open`].
    fn http(&self, chunk: &Chunk<'_>) -> Verdict {
        if FluentBit::deep(chunk) {
            return Verdict::Pretend;
        }
        // Copies of what is over the limit go in all the same, as they do in truth.
        let _ = self.stores(chunk);
        Verdict::Take
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let read: FluentBit =
            "buffer-max-size=128k:mem-buf-limit=5M:drain=7:tls-delay=600ms".parse().unwrap();
        assert_eq!((read.buffer_max_size, read.mem_buf_limit, read.drain), (Some(131_072), Some(5 << 20), 7));
        assert_eq!(read.tls_delay, Duration::from_millis(600));
        assert!(
            "buffer=1".parse::<FluentBit>().unwrap_err().contains("expected one of buffer-max-size=BYTES")
        );
    }

    #[test]
    fn memory_drains() {
        let bit = FluentBit::new().memory(100, 1);
        assert!(bit.has_memory());
        bit.memory.lock().unwrap().used = 130.0;
        assert!(!bit.has_memory());
        let mut memory = bit.memory.lock().unwrap();
        memory.at = memory.at.checked_sub(Duration::from_secs(60)).unwrap();
        drop(memory);
        assert!(bit.has_memory());
    }
}
