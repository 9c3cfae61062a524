//! C and C++ programs compiled against `include/` and the release library.
//!
//! A [`Program`] is described (sources, language, flags, shared or static library), then built into a
//! temporary folder that it owns. `TEST_CC` and `TEST_CXX`, or else `CC` and `CXX`, choose the compilers, with their
//! arguments; `TEST_RUNNER` is what runs programs that this machine does not, with its arguments.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::library::{Library, library, workspace};
use crate::run::{Finished, run};

/// The language of a program's sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// C; programs are C11 unless a flag says otherwise.
    C,
    /// C++; programs are C++17 unless a flag says otherwise, and find `mona.hpp`.
    Cpp,
}

/// Which libmona a program is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The shared object, found at run time through the program's rpath.
    Shared,
    /// The static archive.
    Static,
    /// None: the program loads it by itself, or needs only the header.
    Nothing,
}

/// What a program linked with the static archive needs besides.
pub const STATIC_NEEDS: &[&str] = if cfg!(target_os = "macos") {
    &["-framework", "CoreFoundation", "-framework", "Security", "-liconv", "-lSystem", "-lc", "-lm"]
} else {
    &["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]
};

const STRICT: &[&str] = &["-Wall", "-Wextra", "-Werror"];

impl Language {
    /// A command that runs the compiler of this language, chosen by `TEST_CC` or `CC`, `TEST_CXX` or `CXX`.
    pub fn compiler(self) -> Command {
        let (variable, usual) = match self {
            Language::C => ("CC", "cc"),
            Language::Cpp => ("CXX", "c++"),
        };
        // Of its own where the libraries are to be made with the usual one.
        let own = env::var(format!("TEST_{variable}"));
        let chosen = own.or_else(|_| env::var(variable)).unwrap_or_default();
        let mut words = chosen.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(usual));
        command.args(words);
        command
    }

    fn usual_standard(self) -> &'static str {
        match self {
            Language::C => "-std=c11",
            Language::Cpp => "-std=c++17",
        }
    }
}

/// The description of a program.
#[derive(Debug, Clone)]
pub struct Recipe {
    language: Language,
    link: Link,
    sources: Vec<PathBuf>,
    flags: Vec<OsString>,
}

/// A compiled program. Its folder is removed when it is dropped.
#[derive(Debug)]
pub struct Program {
    folder: TempDir,
    path: PathBuf,
}

impl Program {
    /// Describes a C program by its source, a path below the root of the workspace, linked with the
    /// shared library.
    pub fn c(source: impl AsRef<Path>) -> Recipe {
        Recipe::new(Language::C).source(source)
    }

    /// Describes a C++ program in the same way.
    pub fn cpp(source: impl AsRef<Path>) -> Recipe {
        Recipe::new(Language::Cpp).source(source)
    }

    /// A tool of bindings/c/tools with its parts, which its build script names.
    ///
    /// # Errors
    ///
    /// When it cannot be compiled, or the script names no such tool.
    pub fn tool(name: &str) -> io::Result<Program> {
        let folder = "bindings/c/tools";
        let script = std::fs::read_to_string(workspace().join(folder).join("build.sh"))?;
        let parts_of = |line: &str| {
            let parts = line.trim().strip_prefix(name)?.strip_prefix(") parts=\"")?.split_once('"')?.0;
            Some(parts.to_owned())
        };
        let own = script.lines().find_map(parts_of).ok_or_else(|| io::Error::other(script.clone()))?;
        let shared =
            script.lines().find_map(|line| line.strip_prefix("for part in $parts ")?.strip_suffix("; do"));
        let shared = shared.ok_or_else(|| io::Error::other(script.clone()))?;
        let parts = own.split_whitespace().chain(shared.split_whitespace());
        let recipe = Program::c(format!("{folder}/{name}.c"));
        parts.fold(recipe, |recipe, part| recipe.source(format!("{folder}/{part}.c"))).build()
    }

    /// The executable file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The temporary folder of the program, free for files that it reads or writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command that starts it in its own folder, without any `MONA_` variable of the caller.
    pub fn command(&self) -> Command {
        let runner = env::var("TEST_RUNNER").unwrap_or_default();
        let mut words = runner.split_whitespace();
        let mut command = match words.next() {
            Some(first) => Command::new(first),
            None => Command::new(&self.path),
        };
        if !runner.trim().is_empty() {
            command.args(words).arg(&self.path);
        }
        command.current_dir(self.folder.path());
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MONA_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs it against this endpoint, with `event_id`.
    ///
    /// # Errors
    ///
    /// As [`run`] and [`Finished::expect_quiet`].
    pub fn start(
        &self,
        endpoint: &str,
        arguments: &[&str],
        env: &[(&str, &str)],
        limit: Duration,
    ) -> io::Result<Finished> {
        let mut command = self.command();
        command.args(arguments).env("MONA_ENDPOINT", endpoint).env("MONA_EVENT_ID", "true");
        command.envs(env.iter().copied());
        run(&mut command, limit)?.expect_quiet()
    }
}

impl Recipe {
    /// A program without sources yet, linked with the shared library.
    pub fn new(language: Language) -> Recipe {
        Recipe { language, link: Link::Shared, sources: Vec::new(), flags: Vec::new() }
    }

    /// Adds a source: a path below the root of the workspace, or an absolute one.
    pub fn source(mut self, source: impl AsRef<Path>) -> Recipe {
        self.sources.push(workspace().join(source));
        self
    }

    /// Chooses the library to link with.
    pub fn link(mut self, link: Link) -> Recipe {
        self.link = link;
        self
    }

    /// Adds a compiler flag; it stands before the sources.
    pub fn flag(mut self, flag: impl Into<OsString>) -> Recipe {
        self.flags.push(flag.into());
        self
    }

    /// The compiler of the language with everything but the sources.
    fn compile_as(&self, language: Language, library: &Library) -> Command {
        let mut command = language.compiler();
        command.arg(language.usual_standard()).args(STRICT).args(["-g", "-O1", "-pthread"]);
        command.arg("-I").arg(&library.include);
        if language == Language::Cpp {
            command.arg("-I").arg(workspace().join("bindings/cpp"));
        }
        command.args(&self.flags);
        command
    }

    /// Compiles and links it, all warnings being errors. A C program may have sources in C++ that need nothing of
    /// the C++ library but what every program has.
    ///
    /// # Errors
    ///
    /// When the library cannot be built or the compiler fails; the error has what the compiler said.
    pub fn build(&self) -> io::Result<Program> {
        let library = library()?;
        let folder = tempfile::Builder::new().prefix("mona-program-").tempdir()?;
        let path = folder.path().join("program");
        let mut command = self.compile_as(self.language, library);
        let is_other = |source: &PathBuf| {
            self.language == Language::C && source.extension().is_some_and(|suffix| suffix == "cpp")
        };
        for (number, source) in self.sources.iter().enumerate() {
            if is_other(source) {
                let object = folder.path().join(format!("{number}.o"));
                let mut compile = self.compile_as(Language::Cpp, library);
                expect_success(compile.arg("-c").arg(source).arg("-o").arg(&object))?;
                command.arg(object).arg("-lstdc++");
            } else {
                command.arg(source);
            }
        }
        command.arg("-o").arg(&path);
        match self.link {
            Link::Shared => {
                let mut rpath = OsString::from("-Wl,-rpath,");
                rpath.push(&library.folder);
                command.arg(&library.shared).arg(rpath);
            }
            Link::Static => {
                command.arg(&library.archive).args(STATIC_NEEDS);
            }
            Link::Nothing => {
                command.arg("-ldl");
            }
        }
        expect_success(&mut command)?;
        Ok(Program { folder, path })
    }
}

/// Runs a compiler or another tool to its end and gives what it wrote to standard output.
///
/// # Errors
///
/// When it cannot be started or fails; the error has its command line and what it said.
pub fn expect_success(command: &mut Command) -> io::Result<String> {
    let output = command.output().map_err(|e| io::Error::other(format!("{command:?}: {e}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{command:?}: {}\n{errors}", output.status)))
}
