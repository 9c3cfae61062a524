//! The tool as it is built, without anything of the environment that it would look at.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use mona_tests::{Program, run};
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

#[track_caller]
pub(crate) fn doctor(status: i32, variables: &[(&str, &str)], words: &[&str]) -> Said {
    let finished = run(&mut command(variables, words), LIMIT).unwrap();
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
