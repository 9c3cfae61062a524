//! Running a program with a bound on its time.
//!
//! Output goes to files, not pipes: a process that the program left behind then cannot keep the test
//! waiting. Only the process that was started is ever ended.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a program did.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How long it ran.
    pub took: Duration,
}

impl Finished {
    /// The outcome as an error unless the program exited with 0.
    ///
    /// # Errors
    ///
    /// When it exited with another number or was ended by a signal; the error has its output.
    pub fn expect_ok(self) -> io::Result<Finished> {
        if self.status.success() {
            return Ok(self);
        }
        let how = match self.status.signal() {
            Some(signal) => format!("ended by signal {signal}"),
            None => format!("ended with {}", self.status),
        };
        Err(io::Error::other(format!("{how}\n{}{}", self.stdout, self.stderr)))
    }

    /// The same, also as an error when it wrote anything to standard error.
    ///
    /// # Errors
    ///
    /// As [`Finished::expect_ok`]; what it wrote there.
    pub fn expect_quiet(self) -> io::Result<Finished> {
        let finished = self.expect_ok()?;
        if finished.stderr.is_empty() { Ok(finished) } else { Err(io::Error::other(finished.stderr)) }
    }
}

/// Runs `command` to its end, with nothing to read, and gives its output.
///
/// # Errors
///
/// When it cannot be started, or is not done within `limit`: then it is killed, and the error has what
/// it wrote until then.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Finished> {
    let mut stdout = tempfile::tempfile()?;
    let mut stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let start = Instant::now();
    let mut child = command.spawn().map_err(|e| io::Error::other(format!("{command:?}: {e}")))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = start.elapsed();
    let (stdout, stderr) = (text_of(&mut stdout)?, text_of(&mut stderr)?);
    match status {
        Some(status) => Ok(Finished { status, stdout, stderr, took }),
        None => {
            Err(io::Error::other(format!("{command:?}: still running after {limit:?}\n{stdout}{stderr}")))
        }
    }
}

fn text_of(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
