//! The release build of libmona that the tests run against.
//!
//! [`library`] builds it on first use in a test process and says where its parts are. Cargo does nothing
//! when it is up to date, so many test processes share one build. CARGO_TARGET_DIR is honoured. Where `TEST_LIBRARY` names
//! a folder, the library in it is taken instead, which may be one for another system.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the parts of a built libmona are.
#[derive(Debug, Clone)]
pub struct Library {
    /// The folder that the linker and the loader search: it has the shared object under its file name
    /// and under its soname.
    pub folder: PathBuf,
    /// The shared object.
    pub shared: PathBuf,
    /// The static archive.
    pub archive: PathBuf,
    /// The folder that has `mona.h`.
    pub include: PathBuf,
}

/// The name that programs ask the loader for.
pub const SONAME: &str = if cfg!(target_os = "macos") { "libmona.0.dylib" } else { "libmona.so.0" };

/// The file name of the shared object.
pub(crate) const SHARED: &str = if cfg!(target_os = "macos") { "libmona.dylib" } else { "libmona.so" };

/// The root folder of the workspace.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// The release library, built on the first call of this process.
///
/// # Errors
///
/// The same error on every call when cargo is missing, the build fails or a part of the library is not
/// where it belongs.
pub fn library() -> io::Result<&'static Library> {
    static BUILT: OnceLock<Result<Library, String>> = OnceLock::new();
    BUILT
        .get_or_init(|| build().map_err(|e| e.to_string()))
        .as_ref()
        .map_err(|e| io::Error::other(e.as_str()))
}

fn build() -> io::Result<Library> {
    let root = workspace();
    if let Some(folder) = env::var_os("TEST_LIBRARY").filter(|folder| !folder.is_empty()) {
        return at(root.join(folder));
    }
    let target = target_folder(&root);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--quiet", "-p", "mona-ffi", "--target-dir"]).arg(&target);
    // Cargo sets these for a test. A dependency looks at them: it would be made anew whenever a build from a shell and
    // one from here follow each other, and all that stands on it.
    for (name, _) in env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
            build.env_remove(name);
        }
    }
    let output = build.current_dir(&root).output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("cargo build --release -p mona-ffi failed:\n{errors}")));
    }
    at(target.join("release"))
}

/// The library that was built into `folder`.
fn at(folder: PathBuf) -> io::Result<Library> {
    let library = Library {
        shared: folder.join(SHARED),
        archive: folder.join("libmona.a"),
        include: workspace().join("include"),
        folder,
    };
    for part in [&library.shared, &library.archive] {
        if !part.is_file() {
            return Err(io::Error::other(format!("{}: not there after the build", part.display())));
        }
    }
    name_as_loader_expects(&library)?;
    Ok(library)
}

/// `CARGO_TARGET_DIR` as cargo reads it: relative to the folder where cargo was started, which for a
/// test run is the workspace.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) if !folder.is_empty() => root.join(folder),
        _ => root.join("target"),
    }
}

/// Cargo names the shared object without its number. Several test processes may come here at once, so
/// finding the link already made is as good as making it.
fn name_as_loader_expects(library: &Library) -> io::Result<()> {
    let link = library.folder.join(SONAME);
    match std::os::unix::fs::symlink(SHARED, link) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
