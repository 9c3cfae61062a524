//! The programs and peers that the benchmarks are made of, built and run.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::figure::Figures;
use crate::library::{target_folder, workspace};
use crate::program::{Language, Link, Program, Recipe, expect_success};
use crate::run::run;

/// Sources that every benchmark program has besides its own.
const COMMON: [&str; 4] = ["subject.c", "event.c", "empty.c", "bench.c"];

/// A program ends by itself in well under a minute on an idle machine; ten times that is a hang.
const LIMIT: Duration = Duration::from_secs(600);

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

/// Builds packages in a profile; `release` is as users get them.
pub(super) fn cargo_build(profile: &str, arguments: &[&str], target: &Path) -> io::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--profile", profile]).args(arguments).arg("--target-dir").arg(target);
    expect_success(command.current_dir(workspace())).map(drop)
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

/// Builds a benchmark program of the given sources below `tests/bench` and the common ones.
///
/// # Errors
///
/// When it cannot be compiled.
pub fn program(sources: &[&str]) -> io::Result<Program> {
    let mut recipe = optimised();
    for source in sources.iter().chain(&COMMON) {
        recipe = recipe.source(Path::new("tests/bench").join(source));
    }
    recipe.build()
}

/// A program made as a user's is. Old C libraries have dlopen() in one of their own.
fn optimised() -> Recipe {
    Recipe::new(Language::C).link(Link::Shared).flag("-O2").flag("-Wl,--no-as-needed").flag("-ldl")
}

/// Builds and runs a benchmark program, shows its lines, and adds its figures.
///
/// # Errors
///
/// When it cannot be built or run; the figures it had by then are kept.
pub fn measure(sources: &[&str], peers: &Peers, is_quick: bool, figures: &mut Figures) -> io::Result<()> {
    let program = program(sources)?;
    let mut command = program.command();
    if is_quick {
        command.arg("--quick");
    }
    peers.tell(&mut command);
    collect(&mut command, figures)
}

/// Runs what prints figures.
fn collect(command: &mut Command, figures: &mut Figures) -> io::Result<()> {
    let finished = run(command, LIMIT)?;
    print!("{}", finished.stdout);
    eprint!("{}", finished.stderr);
    figures.read(&finished.stdout);
    finished.expect_ok().map(drop)
}

/// Sending to the collector, measured by the programs in `tests/bench/e2e` where they are.
///
/// # Errors
///
/// As [`measure`].
pub fn measure_end_to_end(is_quick: bool, figures: &mut Figures) -> io::Result<()> {
    let folder = workspace().join("tests/bench/e2e");
    let mut sources = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            sources.push(path);
        }
    }
    sources.sort();
    let target = target_folder(&workspace());
    cargo_build("release", &["-p", "mona-collector"], &target)?;
    let recipe = sources.iter().fold(optimised(), |recipe, source| recipe.source(source));
    let program = recipe.build()?;
    let mut command = program.command();
    command.arg(target.join("release/mona-collector")).arg(if is_quick { "3" } else { "7" });
    collect(&mut command, figures)
}
