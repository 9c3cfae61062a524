//! The OpenTelemetry Collector: its receivers `fluent_forward` and `otlp`, and an exporter that writes and syncs a file.
//!
//! Built from Go modules on first use (`tests/peers/otel`), which takes minutes where Go's caches are empty. Skipped
//! where Go is missing or the modules cannot be had. An event counts as stored when it is in the file.

mod connections;
mod killed;
mod otlp;
mod protocol;
mod rich;
mod stored;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use mona_tests::reach::eventually;
use mona_tests::run;
use tempfile::TempDir;

use crate::{LIMIT, Process, free_port, peers, skipped};
use stored::Stored;

/// The first build, with all modules still to be fetched and compiled.
const BUILD_LIMIT: Duration = Duration::from_secs(900);

/// The queue between receiver and exporter: none, or one whose answer the receiver waits for. Either way an
/// acknowledgement means that the exporter is done.
const NO_QUEUE: &str = "enabled: false";
const QUEUE_THAT_WAITS: &str = "enabled: true, wait_for_result: true, block_on_overflow: true";

/// The program, made once; none when it cannot be.
fn program() -> Option<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(program) => Some(program),
        Err(why) => {
            skipped("OpenTelemetry Collector", why);
            None
        }
    }
}

fn build() -> Result<PathBuf, String> {
    let go = |arguments: &[&str], limit| {
        let mut go = Command::new("go");
        run(go.args(arguments).current_dir(peers().join("otel")), limit).and_then(|done| done.expect_ok())
    };
    go(&["version"], LIMIT).map_err(|_| "go is not found".to_owned())?;
    let had = go(&["list", "-deps", "."], BUILD_LIMIT);
    had.map_err(|error| {
        format!("its modules cannot be had: {}", error.to_string().lines().last().unwrap_or_default())
    })?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("otel");
    go(&["build", "-trimpath", "-buildvcs=false", "-o", program.to_str().unwrap(), "."], BUILD_LIMIT)
        .unwrap();
    Ok(program)
}

/// Where it listens.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Port,
    Socket,
    /// OTLP over HTTP.
    Otlp,
}

/// A collector, which runs or was killed.
struct Otel {
    program: &'static Path,
    process: Option<Process>,
    folder: TempDir,
    endpoint: String,
}

impl Otel {
    /// Starts one; none, with a line, when the program cannot be had.
    fn start(at: At, queue: &str) -> Option<Otel> {
        Otel::start_with(at, queue, "", false)
    }

    /// The same whose exporter `fails` as its page says, and tries that again and again or not.
    fn start_with(at: At, queue: &str, fails: &str, retries: bool) -> Option<Otel> {
        let program = program()?;
        let folder = tempfile::Builder::new().prefix("mona-otel-").tempdir().unwrap();
        let mut otel = Otel { program, process: None, folder, endpoint: String::new() };
        // A free port may be taken before the collector asks for it, also as the source of a connection.
        for _ in 0..5 {
            let (listen, endpoint) = match at {
                At::Port | At::Otlp => {
                    let port = free_port();
                    (format!("127.0.0.1:{port}"), format!("tcp://127.0.0.1:{port}"))
                }
                At::Socket => {
                    let path = otel.socket().display().to_string();
                    (format!("unix://{path}"), format!("unix://{path}"))
                }
            };
            let otlp = format!("127.0.0.1:{}", free_port());
            let endpoint = if at == At::Otlp { format!("otlp+http://{otlp}") } else { endpoint };
            let template = fs::read_to_string(peers().join("otel/collector.yaml")).unwrap();
            let filled = template.replace("@LISTEN@", &listen).replace("@QUEUE@", queue);
            let filled = filled.replace("@OTLP@", &otlp).replace("@FAILS@", fails);
            let filled = filled.replace("@RETRIES@", if retries { "true" } else { "false" });
            let filled = filled.replace("@FILE@", &otel.file().display().to_string());
            fs::write(otel.configuration(), filled).unwrap();
            otel.endpoint = endpoint;
            if otel.run() {
                return Some(otel);
            }
        }
        panic!("the collector does not start: {}", otel.log());
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("collector.yaml")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("otel.sock")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("events.json")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Starts the process; whether it came up.
    fn run(&mut self) -> bool {
        let log = self.folder.path().join("log");
        let before = fs::read_to_string(&log).unwrap_or_default().len();
        let output = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = Command::new(self.program);
        command.arg("--config").arg(format!("file:{}", self.configuration().display()));
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let mut process = Process(command.spawn().unwrap());
        let is_ready = || fs::read_to_string(&log).unwrap()[before..].contains("Everything is ready");
        assert!(
            eventually(LIMIT, || is_ready() || process.0.try_wait().unwrap().is_some()),
            "{}",
            self.log()
        );
        let came_up = is_ready();
        self.process = came_up.then_some(process);
        came_up
    }

    /// Ends it as `kill -9` does.
    fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Starts it again after a kill.
    fn restart(&mut self) {
        if self.socket().exists() {
            assert!(!self.run(), "it takes a socket that is there already");
            fs::remove_file(self.socket()).unwrap();
        }
        // What holds the port meanwhile can only be a connection's source, and goes.
        assert!(eventually(LIMIT, || self.run()), "{}", self.log());
    }

    fn stored(&self) -> Stored {
        Stored::read(&self.file())
    }
}
