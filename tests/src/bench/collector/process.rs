//! The collector as a process that is looked at.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use crate::run::run;

/// A million ARCs take a minute and a half on a busy machine.
const IMPORTING: Duration = Duration::from_secs(600);
/// Ticks of a second in /proc, on every Linux that people run.
const TICKS: u32 = 100;

/// The running program; ended with this.
pub(super) struct Collector {
    child: Child,
    /// Where it listens, and where its page is.
    addresses: Vec<String>,
    _stderr: BufReader<ChildStderr>,
}

impl Collector {
    /// Starts it on free ports, and waits until it listens.
    pub(super) fn start(program: &Path, options: &[&str]) -> io::Result<Collector> {
        let mut command = Command::new(program);
        command.args(["--forward", "127.0.0.1:0"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stderr = BufReader::new(child.stderr.take().ok_or_else(|| io::Error::other("no pipe"))?);
        let wanted = 1 + usize::from(options.contains(&"--page"));
        let mut addresses = Vec::new();
        let mut said = String::new();
        while addresses.len() < wanted {
            let from = said.len();
            if stderr.read_line(&mut said)? == 0 {
                let _ = child.wait();
                return Err(io::Error::other(format!("mona-collector ended: {said}")));
            }
            let line = said.get(from..).unwrap_or_default().trim_end();
            if let Some(at) = line.split_once("127.0.0.1:").map(|(_, port)| port.trim_end_matches('/')) {
                addresses.push(format!("127.0.0.1:{at}"));
            }
        }
        Ok(Collector { child, addresses, _stderr: stderr })
    }

    pub(super) fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.addresses.first().map_or("", String::as_str))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Where the page is.
    pub(super) fn page(&self) -> &str {
        self.addresses.get(1).map_or("", String::as_str)
    }

    /// Processor time until now.
    pub(super) fn cpu(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let ticks = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u32>().ok());
        Ok(Duration::from_secs(1) * ticks.sum::<u32>() / TICKS)
    }

    /// Bytes of resident memory, now and at the most.
    pub(super) fn memory(&self) -> io::Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
        };
        Ok((kib("VmRSS:") * 1024, kib("VmHWM:") * 1024))
    }

    /// Ends it as Ctrl-C does, and waits.
    pub(super) fn end(mut self) -> io::Result<()> {
        let mut command = Command::new("kill");
        command.args(["-INT", &self.child.id().to_string()]).status()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a file of records into a store.
pub(super) fn import(program: &Path, records: &Path, store: &Path) -> io::Result<()> {
    let mut command = Command::new(program);
    command.arg("import").arg(records).arg("--store").arg(store).args(["--store-size", "16GiB"]);
    run(&mut command, IMPORTING)?.expect_ok().map(drop)
}

/// A file with those that SQLite has beside it.
pub(super) fn files_of(file: &Path) -> impl Iterator<Item = PathBuf> {
    ["", "-wal", "-shm", ".lock"].map(|end| PathBuf::from(format!("{}{end}", file.display()))).into_iter()
}
