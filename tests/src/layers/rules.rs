//! What is against the order, in sentences that name file, line, import and rule.
//!
//! Called by the test `layers`. Nothing found means: every import goes down, no files run in a circle, each
//! file is reached and has a floor.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::floors::Floors;
use super::tree::{FileId, Import, Kind, ModuleId, Tree};

/// More than a person reads in one go.
const MAX_LINES: usize = 400;

/// One file needs something of another.
type Needs = BTreeMap<(FileId, FileId), (usize, String)>;

/// Imports from the same height or above, and files and floors without a place, in the crate whose sources are
/// in `folder` below `workspace`.
///
/// # Errors
///
/// When the folder cannot be listed.
pub fn check_floors(workspace: &Path, folder: &str, floors: &Floors) -> io::Result<Vec<String>> {
    let source = workspace.join(folder);
    let tree = Tree::read(&source, floors.roots);
    let crate_here = Crate { tree: &tree, folder, floors };
    let mut found: Vec<String> = tree.unread.iter().map(|sentence| format!("{folder}/{sentence}")).collect();
    found.extend(crate_here.places(&files_below(&source)?));
    found.extend(tree.imports.iter().filter_map(|import| crate_here.upward(import)));
    Ok(found)
}

/// Circles of files in that crate, along imports that [`check_floors`] has nothing against.
pub fn check_circles(workspace: &Path, folder: &str, floors: &Floors) -> Vec<String> {
    let tree = Tree::read(&workspace.join(folder), floors.roots);
    Crate { tree: &tree, folder, floors }.circles()
}

/// Files below `folder` that are too long or named `mod.rs`.
///
/// # Errors
///
/// When the folder cannot be listed or a file cannot be read.
pub fn check_files(workspace: &Path, folder: &str) -> io::Result<Vec<String>> {
    let source = workspace.join(folder);
    let mut found = Vec::new();
    for path in files_below(&source)? {
        let shown = format!("{folder}/{}", path.display());
        if path.ends_with("mod.rs") {
            let own = path.parent().unwrap_or(&path).with_extension("rs");
            found.push(format!("{shown}: found a mod.rs, expected {folder}/{}", own.display()));
        }
        let lines = fs::read_to_string(source.join(&path))?.lines().count();
        if lines > MAX_LINES {
            found.push(format!(
                "{shown}: found {lines} lines, expected at most {MAX_LINES}: split it by ideas"
            ));
        }
    }
    Ok(found)
}

/// All files of Rust below a folder, from that folder, in order.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.extend(path.strip_prefix(folder).map(Path::to_path_buf));
            }
        }
    }
    files.sort();
    Ok(files)
}

struct Crate<'a> {
    tree: &'a Tree,
    folder: &'a str,
    floors: &'a Floors,
}

impl Crate<'_> {
    fn shown(&self, file: FileId) -> String {
        format!("{}/{}", self.folder, self.tree.path(file).display())
    }

    fn is_free(&self, path: &Path) -> bool {
        self.floors.free.iter().any(|free| path == Path::new(free))
    }

    /// Which floor a name is on, from the top.
    fn height(&self, name: &str) -> Option<usize> {
        self.floors.floors.iter().position(|floor| floor.names.contains(&name))
    }

    /// Files that are on no floor or that nothing declares, floors without files.
    fn places(&self, all: &[PathBuf]) -> Vec<String> {
        let mut found = Vec::new();
        let mut names = BTreeSet::new();
        for path in all {
            let is_test = self.tree.tests.iter().any(|test| path.starts_with(test));
            let reached = self.tree.files.iter().any(|file| file.path == *path);
            if is_test || self.is_free(path) {
                continue;
            }
            if !reached {
                let shown = path.display();
                found.push(format!("{}/{shown}: found no `mod` line that leads to it", self.folder));
            }
            names.insert(name_of(path));
        }
        let missing = names.iter().filter(|name| self.height(name).is_none());
        found.extend(missing.map(|name| {
            format!("{}/{name}: is on no floor, expected it in tests/src/layers/floors.rs", self.folder)
        }));
        let listed = self.floors.floors.iter().flat_map(|floor| floor.names);
        found.extend(listed.filter(|name| !names.contains(**name)).map(|name| {
            format!("{}/{name}: is a floor in tests/src/layers/floors.rs, found no file on it", self.folder)
        }));
        found
    }

    /// The sentence about an import from the same height or above.
    fn upward(&self, import: &Import) -> Option<String> {
        let file = self.tree.file_of(import.module)?;
        let path = self.tree.path(file);
        if self.is_free(path) {
            return None;
        }
        let own = name_of(path);
        let height = self.height(&own)?;
        let lead = self.tree.lead(import.module, &import.path);
        let passed = lead.through.iter().filter(|module| !self.is_root(**module));
        let shown = format!("{}:{}: imports {}", self.shown(file), import.line, import.path.join("::"));
        for module in passed.chain(&lead.defined_in) {
            let of = self.tree.file_of(*module)?;
            let other = name_of(self.tree.path(of));
            let from = self.shown(of);
            if self.is_free(self.tree.path(of)) {
                return Some(format!(
                    "{shown} from {from}, but nothing imports from there: move it to the floor it belongs to"
                ));
            }
            if other == own {
                continue;
            }
            let above = self.height(&other)?;
            if above == height {
                return Some(format!(
                    "{shown} from {from}, but {own} and {other} are on one floor and know nothing of each \
                     other: move what both need to a floor below"
                ));
            }
            if above < height {
                let reason = self.floors.floors.get(height).map_or("", |floor| floor.reason);
                return Some(format!(
                    "{shown} from {from}, but {own} ({reason}) is below {other} and imports only from {}: move \
                     what both need there, or hand it down as an argument",
                    self.below(height)
                ));
            }
        }
        None
    }

    fn is_root(&self, module: ModuleId) -> bool {
        self.tree.modules.get(module).is_some_and(|module| module.parent.is_none())
    }

    fn below(&self, height: usize) -> String {
        let floors = self.floors.floors.get(height + 1..).unwrap_or_default();
        let names: Vec<&str> = floors.iter().flat_map(|floor| floor.names).copied().collect();
        if names.is_empty() { "other crates".to_owned() } else { names.join(", ") }
    }

    /// Which file needs which, with the first line that says so. An import from above is left out: it is told
    /// by itself, and would make a circle of half the crate.
    fn needs(&self) -> Needs {
        let mut needs = Needs::new();
        let mut add = |module: ModuleId, line: usize, path: &[String]| {
            let Some(file) = self.tree.file_of(module) else { return };
            let others = self.tree.lead(module, path).defined_in;
            for other in others.into_iter().filter_map(|other| self.tree.file_of(other)) {
                if other != file {
                    needs.entry((file, other)).or_insert((line, path.join("::")));
                }
            }
        };
        for import in self.tree.imports.iter().filter(|import| self.upward(import).is_none()) {
            let words = self.tree.modules.get(import.module).map(|module| &module.words);
            match &import.kind {
                Kind::Reexport(name) if words.is_some_and(|words| !words.contains_key(name)) => {}
                _ => add(import.module, import.line, &import.path),
            }
        }
        for (id, module) in
            self.tree.modules.iter().enumerate().filter(|(_, module)| !module.globs.is_empty())
        {
            let by_glob = module.words.iter().filter(|(word, _)| !module.names.contains_key(*word));
            by_glob.for_each(|(word, line)| add(id, *line, std::slice::from_ref(word)));
        }
        needs
    }

    /// A paragraph for each group of files that all need each other.
    fn circles(&self) -> Vec<String> {
        let needs = self.needs();
        let reached: Vec<BTreeSet<FileId>> =
            (0..self.tree.files.len()).map(|file| reach(&needs, file)).collect();
        let mutual = |file: FileId| -> BTreeSet<FileId> {
            let forth = reached.get(file).into_iter().flatten();
            forth
                .copied()
                .filter(|other| reached.get(*other).is_some_and(|back| back.contains(&file)))
                .collect()
        };
        let circles: BTreeSet<BTreeSet<FileId>> = (0..reached.len()).map(mutual).collect();
        let circles = circles.iter().filter(|circle| circle.len() > 1);
        let told = circles.map(|circle| {
            let inside = needs.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to));
            let lines = inside.map(|((from, to), (line, path))| {
                format!("\n  {}:{line}: imports {path} from {}", self.shown(*from), self.shown(*to))
            });
            format!(
                "{}: a circle of {} files, each needs the others: move what they share to a file below all of \
                 them{}",
                self.folder,
                circle.len(),
                lines.collect::<String>()
            )
        });
        told.collect()
    }
}

/// Everything a file needs, by way of others too.
fn reach(needs: &Needs, from: FileId) -> BTreeSet<FileId> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        let next = needs.range((file, 0)..=(file, FileId::MAX)).map(|((_, to), _)| *to);
        open.extend(next.filter(|to| reached.insert(*to)));
    }
    reached
}

/// The folder or file of a path that has the floor: `queue` of `queue.rs` and of `queue/pool.rs`.
fn name_of(path: &Path) -> String {
    let first = path.iter().next().map(Path::new).unwrap_or(path);
    first.with_extension("").display().to_string()
}
