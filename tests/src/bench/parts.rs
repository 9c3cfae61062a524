//! The programs that the benchmarks are made of: which there are, what each needs, and how one is built and run.
//!
//! The runner calls them by name. A part that needs a package which is not installed has figures that say so;
//! everything else that goes wrong is an error.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::figure::Figures;
use super::peers::Peers;
use crate::library::{target_folder, workspace};
use crate::program::{Language, Link, Program, Recipe, expect_success};
use crate::run::run;

/// Sources that every benchmark program has besides its own.
const COMMON: &[&str] = &["pair.c", "apart.c", "loopback.c", "subject.c", "event.c", "empty.c", "bench.c"];

/// Sources of the programs about sending.
const SENDING: &[&str] =
    &["e2e/library.c", "e2e/packed.c", "e2e/receiver.c", "e2e/stream.c", "e2e/wire.c", "e2e/clocks.c"];

/// A program ends by itself within four minutes on an idle machine, with a base too; four times that is a hang.
const LIMIT: Duration = Duration::from_secs(1000);

/// A benchmark program, one topic.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The name it is asked for by.
    pub name: &'static str,
    sources: &'static [&'static str],
    more_sources: &'static [&'static str],
    needs: Needs,
}

/// What a program is compared with or talks to.
#[derive(Debug, Clone, Copy)]
enum Needs {
    Nothing,
    /// The shared objects of [`Peers`].
    Peers,
    /// The program `mona-collector`.
    Collector,
    /// A library that pkg-config knows, in this package of Debian; without it these figures are missing.
    Package(&'static str, &'static str, &'static [&'static str]),
}

const fn part(name: &'static str, sources: &'static [&'static str], needs: Needs) -> Part {
    Part { name, sources, more_sources: &[], needs }
}

const fn sending(name: &'static str, sources: &'static [&'static str], needs: Needs) -> Part {
    Part { name, sources, more_sources: SENDING, needs }
}

/// The programs, in the order in which they run.
pub const PARTS: &[Part] = &[
    part("calls", &["calls.c", "timing.c"], Needs::Peers),
    part("last_field", &["last_field.c", "timing.c"], Needs::Nothing),
    part("cpp", &["cpp.c", "subject_cpp.cpp", "timing.c"], Needs::Nothing),
    part("stacks", &["stacks.c", "subject_stack.c", "timing.c"], Needs::Nothing),
    part("states", &["states.c"], Needs::Nothing),
    part("threads", &["threads.c"], Needs::Nothing),
    part("new_threads", &["new_threads.c"], Needs::Nothing),
    part("overload", &["overload.c"], Needs::Nothing),
    part("quiet", &["quiet.c"], Needs::Nothing),
    part("idle", &["idle.c"], Needs::Nothing),
    sending("end_to_end", &["e2e/end_to_end.c"], Needs::Collector),
    sending("http", &["e2e/http.c"], Needs::Nothing),
    sending("otlp", &["e2e/otlp.c"], Needs::Nothing),
    sending("spool", &["e2e/spool.c"], Needs::Nothing),
    sending(
        "tls",
        &["e2e/tls.c", "e2e/tls_stream.c", "e2e/certificate.c"],
        Needs::Package("openssl", "libssl-dev", &["tls.to_openssl.cpu.ratio"]),
    ),
    sending("gzip", &["e2e/gzip.c"], Needs::Package("zlib", "zlib1g-dev", &["gzip.to_zlib.cpu.ratio"])),
];

/// What all parts of a run have in common.
#[derive(Debug)]
pub struct Setting {
    /// Fewer and shorter rounds.
    pub is_quick: bool,
    /// The peers, where a part compares with them.
    pub peers: Option<Peers>,
    /// An older release build of the shared object, to compare with.
    pub base: Option<PathBuf>,
}

impl Setting {
    /// Tells a program about it.
    fn tell(&self, command: &mut Command) {
        if self.is_quick {
            command.arg("--quick");
        }
        if let Some(peers) = &self.peers {
            peers.tell(command);
        }
        if let Some(base) = &self.base {
            command.arg("--base").arg(base);
        }
    }
}

impl Part {
    /// Whether it compares with the peers.
    pub fn has_peers(&self) -> bool {
        matches!(self.needs, Needs::Peers)
    }

    /// Builds and runs the program, shows its lines, and adds its figures.
    ///
    /// # Errors
    ///
    /// When it cannot be built or run; the figures it had by then are kept.
    pub fn measure(&self, setting: &Setting, figures: &mut Figures) -> io::Result<()> {
        let mut flags = String::new();
        if let Needs::Package(library, package, wanted) = self.needs {
            match expect_success(Command::new("pkg-config").args(["--cflags", "--libs", library])) {
                Ok(found) => flags = found,
                Err(_) => {
                    for figure in wanted {
                        figures.miss(figure, &format!("{package} is not installed"));
                    }
                    println!("{}: {package} is not installed", self.name);
                    return Ok(());
                }
            }
        }
        let flags: Vec<_> = flags.split_whitespace().collect();
        let program = build(&[self.sources, self.more_sources].concat(), &flags)?;
        let mut command = program.command();
        setting.tell(&mut command);
        if matches!(self.needs, Needs::Collector) {
            let target = target_folder(&workspace());
            cargo_build("release", &["-p", "mona-collector"], &target)?;
            command.arg("--collector").arg(target.join("release/mona-collector"));
        }
        let finished = run(&mut command, LIMIT)?;
        print!("{}", finished.stdout);
        eprint!("{}", finished.stderr);
        figures.read(&finished.stdout);
        finished.expect_ok().map(drop)
    }
}

/// Builds packages in a profile; `release` is as users get them.
pub(super) fn cargo_build(profile: &str, arguments: &[&str], target: &Path) -> io::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--profile", profile]).args(arguments).arg("--target-dir").arg(target);
    expect_success(command.current_dir(workspace())).map(drop)
}

/// Builds a benchmark program of the given sources below `tests/bench` and the common ones.
///
/// # Errors
///
/// When it cannot be compiled.
pub fn program(sources: &[&str]) -> io::Result<Program> {
    build(sources, &[])
}

/// A program made as a user's is. Old C libraries have dlopen() in one of their own.
fn build(sources: &[&str], flags: &[&str]) -> io::Result<Program> {
    let mut recipe = Recipe::new(Language::C).link(Link::Shared).flag("-O2");
    for flag in ["-Wl,--no-as-needed", "-ldl", "-lm"].iter().chain(flags) {
        recipe = recipe.flag(*flag);
    }
    for source in sources.iter().chain(COMMON) {
        recipe = recipe.source(Path::new("tests/bench").join(source));
    }
    recipe.build()
}
