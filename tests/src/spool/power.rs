//! The power fails: a folder becomes what a file system that had synced only so much would have of it.
//!
//! `tests/c/spool/forgetful.c`, loaded into a host, keeps the image of what was synced; the folder itself is the image of
//! what was written. When the host was killed, [`Power::fail`] puts another folder in its place: the synced image, and of
//! what was written since then nothing, or a part that dice choose, in pages and in names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::Dice;
use crate::program::{Link, Program};

/// What a disk writes at once.
const PAGE: usize = 4096;

/// The model, for hosts on one folder.
pub struct Power {
    model: Program,
    kept: TempDir,
    root: PathBuf,
}

/// What becomes of what was written and not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// All of it is gone.
    Lost,
    /// Some pages and some names are there.
    Torn,
}

impl Power {
    /// A model of this folder, which is there and has nothing in it that counts.
    pub fn new(root: &Path) -> Power {
        let flags = ["-fPIC", "-shared"];
        let recipe = Program::c("tests/c/spool/forgetful.c").link(Link::Nothing);
        let model = flags.iter().fold(recipe, |recipe, flag| recipe.flag(*flag)).build().unwrap();
        Power { model, kept: tempfile::tempdir().unwrap(), root: root.canonicalize().unwrap() }
    }

    /// Loads the model into a host.
    pub fn watch(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.model.path());
        command.env("FORGETFUL_ROOT", &self.root).env("FORGETFUL_KEPT", self.kept.path());
    }

    /// Takes all that is there as synced.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn sync_all(&self) {
        for (id, path) in written(&self.root) {
            let bytes = if path.is_dir() { lines(&path).into_bytes() } else { fs::read(&path).unwrap() };
            fs::write(self.kept.path().join(id), bytes).unwrap();
        }
    }

    /// The power fails and comes back. Afterwards all that is there is synced.
    ///
    /// # Panics
    /// When the images cannot be read.
    pub fn fail(&self, unsynced: Unsynced, dice: &mut Dice) {
        let after = self.root.with_extension("after");
        let scene = Scene { written: written(&self.root), kept: self.kept.path(), unsynced };
        scene.directory(&id(&self.root.metadata().unwrap()), &after, dice);
        fs::remove_dir_all(&self.root).unwrap();
        fs::rename(&after, &self.root).unwrap();
        for entry in fs::read_dir(self.kept.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        self.sync_all();
    }
}

struct Scene<'a> {
    written: BTreeMap<String, PathBuf>,
    kept: &'a Path,
    unsynced: Unsynced,
}

impl Scene<'_> {
    /// What was synced of a file or directory; nothing, if it never was.
    fn kept(&self, id: &str) -> Option<Vec<u8>> {
        match fs::read(self.kept.join(id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => Some(read.unwrap()),
        }
    }

    fn chance(&self, dice: &mut Dice) -> bool {
        self.unsynced == Unsynced::Torn && dice.below(2) == 0
    }

    fn directory(&self, id: &str, to: &Path, dice: &mut Dice) {
        DirBuilder::new().mode(0o700).create(to).unwrap();
        let synced = names(&String::from_utf8(self.kept(id).unwrap_or_default()).unwrap());
        let now = self.written.get(id).map(|path| names(&lines(path))).unwrap_or_default();
        for name in synced.keys().chain(now.keys().filter(|name| !synced.contains_key(*name))) {
            let (before, after) = (synced.get(name), now.get(name));
            let chosen = if before == after || !self.chance(dice) { before } else { after };
            if let Some(entry) = chosen {
                self.entry(entry, &to.join(name), dice);
            }
        }
    }

    fn entry(&self, id: &str, to: &Path, dice: &mut Dice) {
        let path = self.written.get(id);
        let kept = self.kept(id);
        // A directory that is gone and was never synced is one without names: as good as a file to whoever looks.
        let is_directory = path.map_or_else(|| looks_like_names(kept.as_deref()), |path| path.is_dir());
        if is_directory {
            return self.directory(id, to, dice);
        }
        let synced = kept.unwrap_or_default();
        let now = path.map_or_else(|| synced.clone(), |path| fs::read(path).unwrap());
        let mut bytes = synced.clone();
        if self.chance(dice) {
            bytes.resize(now.len(), 0);
        }
        for at in (0..bytes.len().min(now.len())).step_by(PAGE) {
            let end = (at + PAGE).min(bytes.len()).min(now.len());
            if self.chance(dice) {
                bytes[at..end].copy_from_slice(&now[at..end]);
            }
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).unwrap();
        file.write_all(&bytes).unwrap();
    }
}

/// What a file or directory is for as long as it is there, as the model writes it.
fn id(of: &Metadata) -> String {
    let birth = of.created().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{}-{}.{:09}", of.ino(), birth.as_secs(), birth.subsec_nanos())
}

/// Everything below and including a folder, by what it is.
fn written(root: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let of = path.symlink_metadata().unwrap();
            if of.is_dir() {
                folders.push(path);
            } else {
                found.insert(id(&of), path);
            }
        }
        found.insert(id(&folder.metadata().unwrap()), folder);
    }
    found
}

/// The names in a directory, as the model writes them down.
fn lines(folder: &Path) -> String {
    let line = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        format!("{} {}\n", id(&entry.metadata().unwrap()), entry.file_name().to_str().unwrap())
    };
    fs::read_dir(folder).unwrap().map(line).collect()
}

fn names(lines: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| line.split_once(' ').map(|(id, name)| (name.to_owned(), id.to_owned()));
    lines.lines().map(|line| pair(line).unwrap_or_else(|| panic!("{line:?}"))).collect()
}

fn looks_like_names(kept: Option<&[u8]>) -> bool {
    let first = kept.and_then(|kept| kept.split(|byte| *byte == b'\n').next());
    first.is_some_and(|line| {
        line.contains(&b' ') && line.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    })
}
