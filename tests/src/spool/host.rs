//! A process of `tests/c/spool/host.c`: started, listened to, and killed.
//!
//! What it says goes into a file, line by line, so that nothing is missing of what it had said when it was killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::program::Program;

/// Only there to end a hang.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often a host is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// More than two lines of a host have, so that one of them is whole.
const TAIL: u64 = 1024;

/// Options of a client whose spool begins after a few events. Where the disk takes its time the host waits for room: what
/// memory drops is another matter.
pub const SMALL: [&str; 8] = [
    "queue_bytes=65536",
    "chunk_bytes=4096",
    "flush_interval_ms=5",
    "retry_initial_ms=10",
    "retry_max_ms=50",
    "event_id=true",
    "queue_circular=false",
    "block_timeout_ms=60000",
];

/// Builds the program.
///
/// # Panics
/// When it cannot be compiled.
pub fn program() -> Program {
    Program::c("tests/c/spool/host.c").build().unwrap()
}

/// The last line that a host wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// Own events delivered or spooled.
    pub settled: u64,
    /// Events delivered, adopted ones too.
    pub delivered: u64,
    /// Events in the spool, adopted ones too.
    pub spooled: u64,
    /// Events taken over from dead processes.
    pub adopted: u64,
    /// Events in memory.
    pub queued: u64,
    /// Events that were dropped, for any reason.
    pub dropped: u64,
    /// Events that the spool lost.
    pub lost: u64,
}

impl Said {
    /// The last whole line; nothing said is all zeroes.
    fn read(said: &str) -> Said {
        let Some((whole, _)) = said.rsplit_once('\n') else { return Said::default() };
        let line = whole.rsplit('\n').next().unwrap();
        let number = |name: &str| {
            let found = line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {line:?}")).parse().unwrap()
        };
        Said {
            settled: number("settled"),
            delivered: number("delivered"),
            spooled: number("spooled"),
            adopted: number("adopted"),
            queued: number("queued"),
            dropped: number("dropped"),
            lost: number("lost"),
        }
    }
}

/// A running host. It is killed when it is dropped.
#[derive(Debug)]
pub struct Host {
    child: Child,
    stdout: NamedTempFile,
    stderr: NamedTempFile,
    /// Whose events it exports.
    pub who: String,
}

/// What a host does.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The events it exports; 0: without end.
    pub count: u64,
    /// So many at a time.
    pub burst: u64,
    /// Microseconds after each burst.
    pub pause_us: u64,
    /// `stay`, `close` or `drain`.
    pub end: &'a str,
    /// Options, `name=value`, beside [`SMALL`].
    pub options: &'a [&'a str],
}

impl Host {
    /// Starts it on this spool and endpoint; `shape` may add to the command, as an LD_PRELOAD.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(
        program: &Program,
        spool: &str,
        endpoint: &str,
        who: &str,
        task: Task<'_>,
        shape: impl FnOnce(&mut Command),
    ) -> Host {
        let (stdout, stderr) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
        let mut command = program.command();
        command.args([who, &task.count.to_string(), &task.burst.to_string(), &task.pause_us.to_string()]);
        command.arg(task.end).args(SMALL).args(task.options);
        command.arg(format!("spool_dir={spool}")).arg(format!("endpoint={endpoint}"));
        command.stdin(Stdio::null()).stdout(appending(&stdout)).stderr(appending(&stderr));
        shape(&mut command);
        Host { child: command.spawn().unwrap(), stdout, stderr, who: who.to_owned() }
    }

    /// What it said last.
    ///
    /// # Panics
    /// When its line is not as expected.
    pub fn said(&self) -> Said {
        let mut file = File::open(self.stdout.path()).unwrap();
        let len = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(len.saturating_sub(TAIL))).unwrap();
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).unwrap();
        Said::read(&String::from_utf8(tail).unwrap())
    }

    /// Waits until it has said what is waited for.
    ///
    /// # Panics
    /// When it ends before, or does not in minutes.
    pub fn wait_for(&mut self, what: impl Fn(Said) -> bool) -> Said {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if what(said) {
                return said;
            }
            let ended = self.child.try_wait().unwrap();
            let errors = text_of(&self.stderr);
            assert!(ended.is_none(), "{}: {ended:?}, it said {said:?}\n{errors}", self.who);
            assert!(Instant::now() < end, "{}: nothing of the kind, it said {said:?}\n{errors}", self.who);
            sleep(LOOK);
        }
    }

    /// Whether it ended by itself.
    ///
    /// # Panics
    /// When that cannot be found out.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it and gives what it had said. Nothing on standard error.
    ///
    /// # Panics
    /// When it ended by itself.
    pub fn kill(mut self) -> Said {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "{}: ended by itself, {ended:?}\n{}", self.who, text_of(&self.stderr));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        assert_eq!(text_of(&self.stderr), "", "{}", self.who);
        self.said()
    }

    /// Waits until it ends by itself, and gives what it said last.
    ///
    /// # Panics
    /// When it fails or does not end.
    pub fn end(mut self) -> Said {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < end, "{}: it does not end", self.who),
            }
            sleep(LOOK);
        };
        let errors = text_of(&self.stderr);
        let said = self.said();
        assert!(status.success() && errors.is_empty(), "{}: {status}, {said:?}\n{errors}", self.who);
        said
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A descriptor of its own: reading moves no place where the host writes.
fn appending(file: &NamedTempFile) -> Stdio {
    OpenOptions::new().append(true).open(file.path()).unwrap().into()
}

fn text_of(file: &NamedTempFile) -> String {
    fs::read_to_string(file.path()).unwrap()
}
