//! The tool as it is built, without anything of the environment that it would look at.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use mona_tests::{Program, SONAME, library, run};
use serde_json::Value;

/// A loaded machine; the tool itself gives up earlier.
const LIMIT: Duration = Duration::from_secs(120);

/// What it printed.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Standard output in one line, so that line breaks do not matter.
    pub(crate) fn flat(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What is between this text and the next empty line.
    pub(crate) fn section(&self, start: &str) -> String {
        let at = self.out.find(start).unwrap_or_else(|| panic!("{start}: {}", self.out));
        self.out[at..].split("\n\n").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    pub(crate) fn has(&self, words: &str) {
        assert!(self.flat().contains(words), "{words}: {}{}", self.out, self.err);
    }

    #[track_caller]
    pub(crate) fn has_not(&self, words: &str) {
        assert!(!self.flat().contains(words), "{words}: {}{}", self.out, self.err);
    }
}

/// A command that starts the tool; all tests share one build.
pub(crate) fn command(variables: &[(&str, &str)], words: &[&str]) -> Command {
    static TOOL: OnceLock<Program> = OnceLock::new();
    let tool = TOOL.get_or_init(|| Program::tool("mona-doctor").unwrap());
    let mut command = tool.command();
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "NO_COLOR"]
    {
        command.env_remove(name);
    }
    command.env("TERM", "xterm").envs(variables.iter().copied()).args(words);
    command
}

/// The user that has no rights; every system has it.
const NOBODY: u32 = 65_534;

/// Whether this process may become somebody else; who may not has no more rights than nobody anyway.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Where only this user and root may look, the user nobody finds neither the tool nor the library: both are copied to
/// `folder`.
#[track_caller]
pub(crate) fn as_nobody(status: i32, folder: &Path, words: &[&str]) -> Said {
    let (tool, shared) = (folder.join("mona-doctor"), folder.join(SONAME));
    fs::copy(command(&[], &[]).get_program(), &tool).unwrap();
    fs::copy(&library().unwrap().shared, &shared).unwrap();
    let mut command = Command::new(&tool);
    command.args(words).env_clear().env("LD_LIBRARY_PATH", folder).current_dir("/");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    said(status, &mut command)
}

/// Makes a folder one of nobody's.
pub(crate) fn give_to_nobody(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

#[track_caller]
pub(crate) fn doctor(status: i32, variables: &[(&str, &str)], words: &[&str]) -> Said {
    said(status, &mut command(variables, words))
}

#[track_caller]
fn said(status: i32, command: &mut Command) -> Said {
    let finished = run(command, LIMIT).unwrap();
    let said = Said { status: finished.status.code().unwrap(), out: finished.stdout, err: finished.stderr };
    assert_eq!(said.status, status, "{}{}", said.out, said.err);
    said
}

/// The same for programs.
#[track_caller]
pub(crate) fn json(status: i32, variables: &[(&str, &str)], words: &[&str]) -> Value {
    let said = doctor(status, variables, &[words, &["--json"]].concat());
    serde_json::from_str(&said.out).unwrap()
}
