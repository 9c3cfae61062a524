//! What `ureq` needs to speak over our own connections.
//!
//! The traits it offers for that do not follow its version numbers, so all of them are implemented here
//! and nowhere else.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Agent, Error};

use super::answer::MOST_BODY_BYTES;
use super::dial::Dialer;
use super::interim::Interim;
use super::line::{Line, MOST_IDLE};
use crate::config::Settings;
use crate::net::{Deadline, TransportError};
use crate::sys::sync::lock;

/// Answers have a status line and a few headers.
const INPUT_BYTES: usize = 32 * 1024;
/// Most bytes of headers; half of the input, so that the limit is met before the buffer is full.
const HEADER_BYTES: usize = 16 * 1024;
/// Written at once; large enough that a body of the largest size takes some dozen calls.
const OUTPUT_BYTES: usize = 64 * 1024;

/// Reads of what has arrived already that are made when its time is over: an answer that came while this process was
/// stopped is read whole, with the longest body that is, and one that never ends is not.
const MOST_LATE_READS: u32 = 128;

/// Bytes of one answer, with head, trailers and what stands between the chunks of a body: a quarter more than the
/// longest body that is read.
const MOST_ANSWER_BYTES: usize = MOST_BODY_BYTES + MOST_BODY_BYTES / 4;

/// Reads of one answer that may each bring as little as they like: whoever writes line by line needs fewer.
const FREE_READS: u32 = 64;

/// Behind these a read that brought less than this much is followed by a rest in which more can come, so that one who
/// sends bytes one by one does not have this thread woken for each.
const CRUMB: usize = 256;
const REST: Duration = Duration::from_millis(1);

/// Stands for a wait without a bound, which nothing here has.
const FAR: Duration = Duration::from_secs(3600);

/// The connection there is, for both sides.
pub(super) type Slot = Arc<Mutex<Option<Line>>>;

/// An agent whose only connection is the one in `slot`, made by `dialer` when there is none.
pub(super) fn new(dialer: &Arc<Dialer>, slot: &Slot, config: Config) -> Agent {
    let dial = Dial { dialer: Arc::clone(dialer), slot: Arc::clone(slot) };
    Agent::with_parts(config, dial, Nowhere)
}

/// How agents go about their requests.
pub(super) fn config(settings: &Settings) -> Config {
    let (connect, io) = (Some(settings.connect_timeout), Some(settings.io_timeout));
    Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("libmona/", env!("CARGO_PKG_VERSION")))
        // Answers are read as they come.
        .accept_encoding("identity")
        .max_response_header_size(HEADER_BYTES)
        .input_buffer_size(INPUT_BYTES)
        .output_buffer_size(OUTPUT_BYTES)
        .max_idle_connections(1)
        .max_idle_age(MOST_IDLE)
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_send_request(io)
        .timeout_per_write(io)
        // A slow line may take its time as long as it moves.
        .timeout_send_body(Some(settings.io_timeout.max(settings.ack_timeout)))
        .timeout_recv_response(io)
        .timeout_recv_body(io)
        .build()
}

/// An error of ours on its way through `ureq`.
#[derive(Debug)]
pub(super) struct Carried(pub(super) TransportError);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl std::error::Error for Carried {}

fn carried(error: TransportError) -> Error {
    Error::Other(Box::new(Carried(error)))
}

/// `ureq` asks for addresses before every request, also where a connection is open. Names are looked up
/// when a connection is really made; this is a place-holder.
#[derive(Debug)]
struct Nowhere;

impl Resolver for Nowhere {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(([0, 0, 0, 0], 0).into());
        Ok(addresses)
    }
}

struct Dial {
    dialer: Arc<Dialer>,
    slot: Slot,
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}

impl Connector<()> for Dial {
    type Out = Carrier;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Carrier>, Error> {
        let mut slot = lock(&self.slot);
        let line = match slot.as_ref().filter(|line| line.take()) {
            Some(ready) => ready.clone(),
            None => {
                let line = Line::new(self.dialer.dial(deadline(details.timeout)).map_err(carried)?);
                line.take();
                self.dialer.count_replaced();
                *slot = Some(line.clone());
                line
            }
        };
        let url = self.dialer.url();
        Ok(Some(Carrier {
            line,
            buffers: LazyBuffers::new(INPUT_BYTES, OUTPUT_BYTES),
            origin: self.dialer.forwarding_proxy().map(|_| url.origin()),
            is_tls: url.is_tls,
            is_at_head: true,
            interim: Interim::default(),
            late_reads: 0,
            reads: 0,
            read_bytes: 0,
        }))
    }
}

/// The end of a connection that `ureq` has.
struct Carrier {
    line: Line,
    buffers: LazyBuffers,
    /// What comes before the path in the first line of a request to a proxy.
    origin: Option<String>,
    is_tls: bool,
    /// What is sent next begins with the first line of a request.
    is_at_head: bool,
    /// What came before the final answer.
    interim: Interim,
    /// Reads of the present answer after its time was over.
    late_reads: u32,
    /// All reads of it.
    reads: u32,
    /// What they brought.
    read_bytes: usize,
}

impl Carrier {
    /// Puts what arrives into the input; the number of bytes, 0 at the end. Interim answers are left out.
    fn receive(&mut self, until: Deadline) -> Result<Option<usize>, TransportError> {
        loop {
            let room = self.buffers.input_append_buf();
            let room = room.get_mut(self.interim.held()..).unwrap_or_default();
            if room.is_empty() {
                return Err(TransportError::new(
                    "answer",
                    "its answer begins with more than 32 KiB of interim answers or has a line longer than 16 KiB",
                ));
            }
            let Some(count) = self.line.receive(room, until)? else { return Ok(None) };
            self.reads = self.reads.saturating_add(1);
            self.read_bytes = self.read_bytes.saturating_add(count);
            if self.read_bytes > MOST_ANSWER_BYTES {
                return Err(TransportError::new("answer", "its answer has more than a mebibyte, and no end"));
            }
            if self.reads > FREE_READS && (1..CRUMB).contains(&count) {
                std::thread::sleep(REST);
            }
            if self.interim.is_over() {
                return Ok(Some(count));
            }
            let arrived = room.get(..count).unwrap_or_default();
            let passed = if count == 0 { Some(self.interim.rest()) } else { self.interim.pass(arrived)? };
            if let Some(passed) = passed {
                let room = self.buffers.input_append_buf();
                room.iter_mut().zip(&passed).for_each(|(slot, byte)| *slot = *byte);
                return Ok(Some(passed.len()));
            }
        }
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carrier")
    }
}

impl Transport for Carrier {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        let until = deadline(timeout);
        let is_head = std::mem::take(&mut self.is_at_head);
        if is_head {
            self.interim = Interim::default();
            self.late_reads = 0;
            self.reads = 0;
            self.read_bytes = 0;
        }
        let split = self.origin.as_deref().filter(|_| is_head).and_then(|origin| {
            let (method, rest) =
                output.split_at_checked(output.iter().position(|byte| *byte == b' ')? + 1)?;
            Some([method, origin.as_bytes(), rest])
        });
        let sent = match split {
            Some(parts) => self.line.send(&parts, until),
            None => self.line.send(&[output], until),
        };
        sent.map_err(carried)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        if timeout.after.is_zero() {
            self.late_reads += 1;
            if self.late_reads > MOST_LATE_READS {
                return Err(Error::Timeout(timeout.reason));
            }
        }
        match self.receive(deadline(timeout)).map_err(carried)? {
            Some(count) => {
                self.buffers.input_appended(count);
                self.is_at_head = true;
                Ok(count > 0)
            }
            None => Err(Error::Timeout(timeout.reason)),
        }
    }

    fn is_open(&mut self) -> bool {
        let now = Instant::now();
        self.line.tend(now);
        self.line.is_open() && !self.line.is_cut() && !self.line.is_worn(now)
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.line.cut();
    }
}

fn deadline(timeout: NextTimeout) -> Deadline {
    Deadline::after((*timeout.after).min(FAR))
}
