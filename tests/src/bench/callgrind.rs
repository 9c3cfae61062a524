//! Instructions of a call, counted by valgrind's callgrind: the same on a busy machine as on an idle one.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::figure::Figure;
use super::parts::program;
use super::peers::Peers;
use crate::program::Program;
use crate::run::run;

/// Calls of the shorter run, enough for everything that happens once; its count is taken off.
const FEW: u32 = 5_000;

/// Calls of the longer run beyond the shorter: several chunks, so that their share is in the count.
const MORE: u32 = 20_000;

/// Callgrind is fifty times slower than the processor, and this machine may be busy.
const LIMIT: Duration = Duration::from_secs(300);

/// The program whose calls are counted.
#[derive(Debug)]
pub struct Counter {
    program: Program,
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub enum On<'a> {
    /// The library of this tree: `typed`, `json`, `context`, `cpp_…` or `stack_…`.
    Ours,
    /// An older build of it, in its place.
    Base(&'a Path),
    /// One of the peers: `ignored_any`, `value` or `spdlog`.
    Peers(&'a Peers),
}

/// Why instructions cannot be counted here, or `None` when they can.
pub fn lacks() -> Option<&'static str> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Some("instruction counts are compared on x86-64 Linux only");
    }
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => None,
        _ => Some("valgrind is not installed"),
    }
}

impl Counter {
    /// Builds the program.
    ///
    /// # Errors
    ///
    /// When it cannot be compiled.
    pub fn build() -> io::Result<Counter> {
        Ok(Counter { program: program(&["instructions.c", "subject_cpp.cpp", "subject_stack.c"])? })
    }

    /// The instructions of one call of `what`, its share of what happens once a chunk included.
    ///
    /// # Errors
    ///
    /// When valgrind fails or says nothing that can be read.
    pub fn count(&self, what: &str, on: On<'_>) -> io::Result<f64> {
        let few = self.collected(what, FEW, on)?;
        let many = self.collected(what, FEW + MORE, on)?;
        Ok((many - few) / f64::from(MORE))
    }

    /// The same as a figure.
    ///
    /// # Errors
    ///
    /// As [`Counter::count`].
    pub fn figure(&self, name: &str, what: &str, on: On<'_>) -> io::Result<Figure> {
        Ok(Figure::once(name, self.count(what, on)?.round(), "instructions"))
    }

    fn collected(&self, what: &str, calls: u32, on: On<'_>) -> io::Result<f64> {
        let mut command = Command::new("valgrind");
        command.current_dir(self.program.folder());
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=counted_call"]);
        command.arg(self.program.path()).args([what, &calls.to_string()]);
        match on {
            On::Ours => {}
            On::Base(base) => {
                command.env("LD_PRELOAD", base).arg("--library").arg(base);
            }
            On::Peers(peers) => peers.tell(&mut command),
        }
        let finished = run(&mut command, LIMIT)?.expect_ok()?;
        let said = finished.stderr.lines().find_map(|line| line.split_once("Collected :"));
        let number = said.and_then(|(_, number)| number.trim().parse().ok());
        number.ok_or_else(|| {
            io::Error::other(format!(
                "callgrind: no count found, \"Collected : N\" is expected\n{}",
                finished.stderr
            ))
        })
    }
}
