//! The collector's page in a browser: every view with the demo's events, and with what nobody should send.
//!
//! Chromium is driven by playwright-core from node, and judged by axe-core; both are installed on first use, from a lock
//! file. Skipped, with a line that says why, where one of them cannot be had. `MONA_PAGE_PICTURES=FOLDER` keeps a
//! picture of each view, in light, in dark, on paper and as on a phone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mona_collector::store::{Incoming, Store};
use mona_collector::{
    Chunk, Clients, Correct, Listen, Listener, Page, PageSettings, Peer, Server, Service, Sink, fresh_id,
};
use mona_tests::native::{self, Client};
use mona_tests::{Program, run, workspace};
use serde_json::{Value, json};

/// What a program of the world may take to start, or to end, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);
/// Views of one walk: some of each kind.
const VIEWS: u32 = 30;
/// What a class, an id, a name and a value may be at worst.
const HOSTILE: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&\u{202e}\u{200b}\u{0}";

/// Node's packages and Chromium, once both are there.
struct Tools {
    packages: PathBuf,
    chromium: String,
}

fn tools() -> Option<&'static Tools> {
    static FOUND: OnceLock<Result<Tools, String>> = OnceLock::new();
    match FOUND.get_or_init(find) {
        Ok(tools) => Some(tools),
        Err(why) => {
            // Past the capture of the harness, which shows nothing of a test that passes.
            io::stderr().write_all(format!("skipped: the page in a browser: {why}\n").as_bytes()).unwrap();
            None
        }
    }
}

fn find() -> Result<Tools, String> {
    let works =
        |tool: &str| run(Command::new(tool).arg("--version"), LIMIT).and_then(|done| done.expect_ok());
    for tool in ["node", "npm"] {
        works(tool).map_err(|_| format!("{tool} is not found"))?;
    }
    let chromium =
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| works(name).is_ok());
    let chromium = chromium.ok_or("chromium is not found")?;
    let path = run(Command::new("sh").args(["-c", "command -v \"$0\"", chromium]), LIMIT);
    let path = path.and_then(|done| done.expect_ok()).map_err(|error| format!("{chromium}: {error}"))?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(scripts().join(file), folder.join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund"]).current_dir(&folder);
    let done = run(&mut npm, LIMIT).and_then(|done| done.expect_ok());
    done.map_err(|error| format!("npm install failed: {error}"))?;
    Ok(Tools { packages: folder.join("node_modules"), chromium: path.stdout.trim().to_owned() })
}

fn scripts() -> PathBuf {
    workspace().join("tests/page")
}

/// Takes what arrives into a store, as the program does.
struct Keep(Arc<Store>, Arc<Clients>);

impl Sink for Keep {
    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        self.0.take(chunk.entries.iter().map(|entry| Incoming::of(chunk, entry, fresh_id)))?;
        Ok(())
    }

    fn chunk_from(&self, peer: Peer<'_>, chunk: &Chunk<'_>) -> io::Result<()> {
        self.chunk(chunk)?;
        self.1.took(peer.address, peer.hostname, chunk.entries.len() as u64, chunk.bytes as u64);
        Ok(())
    }
}

fn page(store: &Arc<Store>, clients: Arc<Clients>) -> Page {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = vec!["127.0.0.1:24224".to_owned()];
    Page::start(listener, Arc::clone(store), PageSettings { endpoints, clients, ..PageSettings::default() })
        .unwrap()
}

/// The browser of all tests; it takes one walk after the other, and ends with this program.
struct Browser {
    _node: Child,
    asks: ChildStdin,
    says: io::Lines<BufReader<ChildStdout>>,
}

impl Browser {
    fn get(tools: &Tools) -> MutexGuard<'static, Browser> {
        static BROWSER: OnceLock<Mutex<Browser>> = OnceLock::new();
        let browser = BROWSER.get_or_init(|| Mutex::new(Browser::start(tools)));
        // What is left of a walk that failed is passed over.
        browser.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(tools: &Tools) -> Browser {
        let mut node = Command::new("node");
        node.arg(scripts().join("walk.js")).arg(&tools.chromium).env("NODE_PATH", &tools.packages);
        let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (asks, says) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
        Browser { _node: node, asks, says: BufReader::new(says).lines() }
    }

    fn ask(&mut self, page: &Page, name: &str, first: &[&str], live: Option<&str>) {
        let pictures = std::env::var("MONA_PAGE_PICTURES").ok().map(|folder| Path::new(&folder).join(name));
        if let Some(folder) = &pictures {
            fs::create_dir_all(folder).unwrap();
        }
        let asked = json!({
            "name": name, "base": format!("http://{}", page.address()), "views": VIEWS, "first": first,
            "pictures": pictures, "live": live,
        });
        writeln!(self.asks, "{asked}").unwrap();
    }

    /// The next line of what it says of this walk.
    fn said(&mut self, name: &str) -> Value {
        loop {
            let line = self.says.next().expect("the browser said nothing more").unwrap();
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["walk"] == name {
                return said;
            }
        }
    }

    fn walk(&mut self, page: &Page, name: &str, first: &[&str]) -> Value {
        self.ask(page, name, first, None);
        self.said(name)
    }
}

/// The paths of the views that were walked; nothing may be wrong with any.
fn paths(said: &Value) -> Vec<String> {
    let problems = said["problems"].as_array().unwrap();
    assert!(problems.is_empty(), "{problems:#?}");
    let views = said["views"].as_array().unwrap().iter().map(|view| view.as_str().unwrap());
    views.map(|view| view.split('?').next().unwrap().to_owned()).collect()
}

fn add(store: &Store, context: &str, message: Value) {
    let record = json!({"user_id": HOSTILE, "context": context, "message": message, "export_timestamp": 1_800_000_000});
    store.add_json(&record.to_string()).unwrap();
}

#[test]
fn every_view_shows_the_events_of_the_demo() {
    let Some(tools) = tools() else { return };
    let store = Store::temporary().unwrap();
    let listener = Listener::bind(&Listen::Tcp).unwrap();
    let endpoint = format!("tcp://{}", listener.address().unwrap());
    let clients = Arc::new(Clients::default());
    let keep = Arc::new(Keep(Arc::clone(&store), Arc::clone(&clients)));
    let _server = Server::start(listener, Service::forward(), Arc::new(Correct), keep).unwrap();
    let examples = Path::new("bindings/c/examples");
    let sources = ["dataset.c", "softmax.c"];
    // Flags stand before the sources: without this the linker finds no use for it there.
    let mathematics: &[&str] = if cfg!(target_os = "linux") { &["-Wl,--no-as-needed", "-lm"] } else { &[] };
    let recipe = Program::c(examples.join("digits.c"));
    let recipe = mathematics.iter().fold(recipe, |recipe, flag| recipe.flag(*flag));
    let recipe = sources.iter().fold(recipe, |recipe, source| recipe.source(examples.join(source)));
    let digits = recipe.build().unwrap();
    let data = workspace().join(examples).join("data/digits.csv");
    let mut demo = digits.command();
    run(demo.arg(data).env("MONA_ENDPOINT", &endpoint), LIMIT).unwrap().expect_ok().unwrap();

    let page = page(&store, clients);
    native::load_release();
    let client = Client::new(&[("endpoint", &endpoint)]).unwrap();
    let mut browser = Browser::get(tools);
    browser.ask(&page, "demo", &[], Some("arrived-while-looking"));
    // The live view is open once the others are walked; what is exported then shows by itself.
    let mut said = browser.said("demo");
    let mut exported = 0;
    if said["open"] == true {
        let context = client.context(Some("late"), None).unwrap();
        exported = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        context.export(r#"{"note": "arrived-while-looking"}"#, 0.0).unwrap();
        said = browser.said("demo");
    }
    let paths = paths(&said);
    let seen = u128::from(said["live"].as_u64().expect("the event is seen"));
    // A figure to read and no bound: a machine that is busy is no fault of the page.
    eprintln!("visible in the browser {} ms after the call that exported it", seen.saturating_sub(exported));
    for path in [
        "/", "/classes", "/arcs", "/arc", "/fields", "/field", "/kapis", "/by", "/changes", "/health",
        "/words",
    ] {
        assert!(paths.iter().any(|seen| seen == path), "{path} was not walked: {paths:?}");
    }
}

#[test]
fn nothing_that_is_sent_breaks_a_view() {
    let Some(tools) = tools() else { return };
    let store = Store::temporary().unwrap();
    for (at, context) in [HOSTILE, "second", "third"].into_iter().enumerate() {
        add(&store, context, json!({"MONA_ARC_CLASS": HOSTILE}));
        let mixed = if at == 1 { json!("a text") } else { json!(at) };
        add(
            &store,
            context,
            json!({HOSTILE: HOSTILE, "": "", "n": at, "mixed": mixed, "javascript:alert(3)": "javascript:alert(3)",
                "long": "x".repeat(1 << 20), "=1+1": "=1+1", "list": [1, HOSTILE, null], "deep": {"a": {"b": HOSTILE}}}),
        );
    }
    let wide: serde_json::Map<String, Value> =
        (0..10_000).map(|n| (format!("field number {n}"), n.into())).collect();
    add(&store, "wide", json!({"MONA_ARC_CLASS": "ten thousand fields"}));
    add(&store, "wide", wide.into());
    let long = "L".repeat(5_000);
    add(&store, &long, json!({"MONA_ARC_CLASS": long, "n": 1}));
    for n in 0..300 {
        add(&store, &format!("many.{n}"), json!({"MONA_ARC_CLASS": format!("class {n}"), "n": n}));
    }
    store.refuse(HOSTILE);
    let clients = Arc::new(Clients::default());
    clients.took(HOSTILE, Some(HOSTILE), 1, 1);
    clients.refused(&long);

    let page = page(&store, clients);
    let encoded: String = HOSTILE.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let first = ["ten+thousand+fields", &encoded].map(|class| {
        ["/fields", "/arcs", "/by", "/kapis", "/changes"].map(|path| format!("{path}?class={class}"))
    });
    let first = first.concat();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let said = Browser::get(tools).walk(&page, "hostile", &first);
    assert!(paths(&said).len() > 15, "{said}");
}

#[test]
fn an_empty_store_says_what_to_do() {
    let Some(tools) = tools() else { return };
    let store = Store::temporary().unwrap();
    let page = page(&store, Arc::default());
    let said = Browser::get(tools).walk(&page, "empty", &[]);
    assert!(paths(&said).len() >= 4, "{said}");
}
