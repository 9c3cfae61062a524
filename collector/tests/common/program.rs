//! The program as a process.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::eventually;

/// The running program; ended with the test.
pub(crate) struct Program(Option<Child>);

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mona-collector"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Program(Some(command.spawn().unwrap()))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Waits for its end; killed if that takes too long.
    pub(crate) fn end(mut self) -> (Output, String, String) {
        let mut child = self.0.take().unwrap();
        let mut done = None;
        eventually("the program ends", || {
            done = child.try_wait().unwrap();
            done.is_some()
        });
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        (output, stdout, stderr)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where it listens, once it does.
pub(crate) fn address(port_file: &Path) -> SocketAddr {
    eventually("the port file is there", || port_file.exists());
    std::fs::read_to_string(port_file).unwrap().trim_end().parse().unwrap()
}

/// The lines of a file, each as JSON.
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
