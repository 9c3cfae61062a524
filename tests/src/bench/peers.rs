//! What libmona is compared with: the plain designs in `tests/bench/peers`, and spdlog where it is installed.
//!
//! Both are shared objects that the benchmark programs load. The plain designs must build; that spdlog is not
//! there is only noted, and its figures say why they are missing.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::parts::cargo_build;
use crate::library::{target_folder, workspace};
use crate::program::{Language, expect_success};

/// The peers that could be had on this machine.
#[derive(Debug)]
pub struct Peers {
    designs: PathBuf,
    spdlog: Option<PathBuf>,
    /// Why there is no spdlog.
    pub without_spdlog: Option<String>,
    _folder: TempDir,
}

impl Peers {
    /// Builds the plain designs, and spdlog where its headers are.
    ///
    /// # Errors
    ///
    /// When the plain designs cannot be built. That spdlog cannot is only noted.
    pub fn build() -> io::Result<Peers> {
        let target = target_folder(&workspace());
        cargo_build("peers", &["-p", "mona-bench-peers"], &target)?;
        let folder = tempfile::Builder::new().prefix("mona-peers-").tempdir()?;
        let spdlog = build_spdlog(folder.path());
        let without_spdlog = spdlog.as_ref().err().map(ToString::to_string);
        let name = format!("{}mona_bench_peers{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        Ok(Peers {
            designs: target.join("peers").join(name),
            spdlog: spdlog.ok(),
            without_spdlog,
            _folder: folder,
        })
    }

    /// Whether spdlog is among them.
    pub fn has_spdlog(&self) -> bool {
        self.spdlog.is_some()
    }

    /// Tells a program where they are.
    pub fn tell(&self, command: &mut Command) {
        command.arg("--peers").arg(&self.designs);
        if let Some(spdlog) = &self.spdlog {
            command.arg("--spdlog").arg(spdlog);
        }
    }
}

fn build_spdlog(folder: &Path) -> io::Result<PathBuf> {
    let flags = |kind: &str| expect_success(Command::new("pkg-config").args([kind, "spdlog"]));
    let (compile, link) = (flags("--cflags")?, flags("--libs")?);
    let object = folder.join("spdlog.so");
    let mut command = Language::Cpp.compiler();
    command.args(["-std=c++17", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror"]);
    command.args(compile.split_whitespace()).arg(workspace().join("tests/bench/spdlog.cpp"));
    command.arg("-o").arg(&object).args(link.split_whitespace());
    expect_success(&mut command)?;
    Ok(object)
}
