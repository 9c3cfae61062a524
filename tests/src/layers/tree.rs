//! The modules of one crate: which file each is in, and what its names stand for.
//!
//! Built by [`super::read`], asked by [`super::resolve`] and [`super::rules`]. It holds what was written and
//! judges nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) type FileId = usize;
pub(super) type ModuleId = usize;

/// One file of the source folder.
#[derive(Debug)]
pub(super) struct File {
    /// From the source folder: `queue/pool.rs`.
    pub path: PathBuf,
}

/// What a name in a module stands for.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    /// A module declared here.
    Module(ModuleId),
    /// Something defined here.
    Item,
    /// What a `use` of this path brings.
    Use(Vec<String>),
}

/// A module: a file, or a block `mod name { ... }` in one.
#[derive(Debug)]
pub(super) struct Module {
    pub file: FileId,
    pub root: ModuleId,
    pub parent: Option<ModuleId>,
    pub names: BTreeMap<String, Vec<Binding>>,
    /// The paths before `::*`.
    pub globs: Vec<Vec<String>>,
    /// First parts of the paths of its code, `use` lines left out, with the line that has it first.
    pub words: BTreeMap<String, usize>,
}

/// How a path is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// In a `use` line, or in the middle of code.
    Import,
    /// In a `pub use`, under this name: an import of this file only if its own code uses the name.
    Reexport(String),
}

/// A path that may lead to another file.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub module: ModuleId,
    pub line: usize,
    pub path: Vec<String>,
    pub kind: Kind,
}

/// All that was read of one crate.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub files: Vec<File>,
    pub modules: Vec<Module>,
    pub imports: Vec<Import>,
    /// Files and folders that only tests see.
    pub tests: Vec<PathBuf>,
    /// What could not be read, in sentences.
    pub unread: Vec<String>,
}

impl Tree {
    /// Adds a module; without a parent it is the root of a tree.
    pub(super) fn add_module(&mut self, file: FileId, parent: Option<ModuleId>) -> ModuleId {
        let id = self.modules.len();
        let root = parent.and_then(|parent| self.modules.get(parent)).map_or(id, |parent| parent.root);
        let (names, globs, words) = Default::default();
        self.modules.push(Module { file, root, parent, names, globs, words });
        id
    }

    /// Says what a name in a module stands for; it may stand for a module and a function at once.
    pub(super) fn bind(&mut self, module: ModuleId, name: &str, binding: Binding) {
        if let Some(module) = self.modules.get_mut(module) {
            module.names.entry(name.to_owned()).or_default().push(binding);
        }
    }

    /// The file that a module is in.
    pub(super) fn file_of(&self, module: ModuleId) -> Option<FileId> {
        self.modules.get(module).map(|module| module.file)
    }

    /// The path of a file, from the source folder.
    pub(super) fn path(&self, file: FileId) -> &Path {
        self.files.get(file).map_or(Path::new(""), |file| &file.path)
    }
}
