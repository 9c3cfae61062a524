//! What the main thread does: wait for a signal or for silence. Also tells others where to connect.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use mona_collector::{Stop, Waited};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::output::Output;

/// How often silence is looked for.
const TICK: Duration = Duration::from_millis(50);

/// Ctrl-C, SIGTERM and the end of the terminal, as something that can be waited for.
pub(crate) struct Signals {
    arrived: UnixStream,
    never: Stop,
}

impl Signals {
    /// From here on these signals do not end the process.
    pub(crate) fn new() -> io::Result<Signals> {
        let (arrived, write) = UnixStream::pair()?;
        let hangup = (!ignores_hangup()).then_some(SIGHUP);
        for signal in [SIGINT, SIGTERM].into_iter().chain(hangup) {
            signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
        }
        Ok(Signals { arrived, never: Stop::new()? })
    }

    /// Returns on a signal, or with `idle` when at least one connection came, all are closed and
    /// nothing happened for that long.
    pub(crate) fn wait(&self, idle: Option<Duration>, output: &Output) {
        loop {
            let deadline = idle.map(|_| Instant::now() + TICK);
            match self.never.wait(Some(self.arrived.as_fd()), deadline) {
                Ok(Waited::Ready) => {
                    let mut byte = [0];
                    let _ = (&self.arrived).read(&mut byte);
                    return;
                }
                Ok(_) => {}
                // Nothing can be waited for: rather end than spin.
                Err(_) => return,
            }
            if idle.is_some_and(|idle| output.idle_for().is_some_and(|silent| silent >= idle)) {
                return;
            }
        }
    }
}

/// Whether whoever started this wants it to outlive the terminal (`nohup`); taken to be so where the system does not say.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_none_or(|mask| mask >> (SIGHUP - 1) & 1 == 1)
}

/// Takes as many descriptors as the system allows: a shell usually gives 1,024, and 256 connections over HTTP
/// need four each.
pub(crate) fn take_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // Without more of them fewer connections are served at once.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Writes the addresses under another name and renames, so that a reader sees all or nothing. `secret`: one of them has
/// a token, which is for the user alone.
pub(crate) fn write_port_file(path: &Path, addresses: &[String], secret: bool) -> io::Result<()> {
    let mut other = path.as_os_str().to_owned();
    other.push(format!(".{}", std::process::id()));
    let mode = if secret { 0o600 } else { 0o666 };
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&other)?;
    file.write_all(addresses.iter().map(|address| format!("{address}\n")).collect::<String>().as_bytes())?;
    std::fs::rename(&other, path)
}
