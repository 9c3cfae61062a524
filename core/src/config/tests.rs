//! The rules of the options; this file has what the groups of tests share.

mod live;
mod sources;
mod table;
mod values;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::kind::Kind;
use super::row::Row;
use super::settings::SpoolSync;
use super::table::TABLE;
use super::value::OptionValue;
use super::*;
use crate::diag::error::Status;
use crate::diag::log::Print;

/// What `resolve` gives for these values set by hand, in the environment and in the config file.
struct Case {
    options: Options,
    environment: Vec<(&'static str, OsString)>,
    folder: TempDir,
}

impl Case {
    fn new() -> Case {
        Case { options: Options::new(), environment: Vec::new(), folder: tempfile::tempdir().unwrap() }
    }

    fn set(mut self, name: &str, value: &str) -> Case {
        self.options.set(name, value).unwrap();
        self
    }

    fn env(mut self, name: &'static str, value: &str) -> Case {
        self.environment.push((name, value.into()));
        self
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mona.json")
    }

    fn file(self, text: &str) -> Case {
        fs::write(self.path(), text).unwrap();
        let path = self.path();
        self.env("MONA_CLIENT_CONFIG_FILE", path.to_str().unwrap())
    }

    fn rewritten(&self, text: &str) -> ConfigFile {
        fs::write(self.path(), text).unwrap();
        ConfigFile::read(&self.path()).unwrap()
    }

    fn resolve(&self) -> Resolved {
        resolve(&self.options, |name| {
            self.environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        })
    }
}

fn described(resolved: &Resolved, name: &str) -> (Json, String) {
    let all: Json =
        serde_json::from_str(&resolved.describe(resolved.settings.live.disable_environment)).unwrap();
    (all[name]["value"].clone(), all[name]["source"].as_str().unwrap().to_owned())
}
