//! Plays one scenario through the C interface and reports what every operation gave.
//!
//! Called by the `scenario` program, once in its process. Operations run one after the other, each on
//! the thread the scenario names, through what threads have or through stacks; nothing is judged here. The outcome is one JSON object: for each
//! operation its status, its text and the records it emitted, then the records taken from `memory:`, each
//! as its JSON text.

use super::hand::{Hand, Outcome, Through};
use super::{Scenario, json_text, thread_of};
use crate::native::{Client, Status, log, status, status_text};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The rule is 3 s; the rest is for a loaded machine.
const RELOAD_WAIT: Duration = Duration::from_secs(4);
/// Long enough for every record of a scenario on a loaded machine; a scenario that needs it has failed.
const DRAIN_MS: u32 = 10_000;

/// The handle of the context around an inheriting thread; no scenario has one of this name.
const INHERITED: &str = "inherited";

/// Plays the scenario and gives the report.
pub fn play(scenario: &Scenario, through: Through) -> Value {
    let started = now();
    let mut player = Player::new(scenario, through);
    let ops: Vec<Value> = scenario.ops.iter().map(|op| player.perform(op)).collect();
    player.end_threads();
    let (flushed, records) = match player.client() {
        Some(client) => {
            let flushed = client.flush(DRAIN_MS).err().unwrap_or(status::OK);
            (flushed, std::iter::from_fn(|| client.take().ok()).collect())
        }
        None => (status::OK, Vec::new()),
    };
    let records: Vec<String> = records;
    let stats = player.client().map(|client| client.stats()).unwrap_or_default();
    json!({
        "ops": ops,
        "records": records,
        "flushed": flushed,
        "balanced": stats.balanced(),
        "delivered": stats.delivered,
        "started": started,
        "ended": now(),
        "log": log::take_all().iter().map(|(level, line)| format!("{level} {line}")).collect::<Vec<_>>(),
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The main thread's side: its own operations, the other threads and the client.
struct Player {
    through: Through,
    main: Box<dyn Hand>,
    threads: HashMap<String, Worker>,
    /// No `init_client` anywhere: the first operation makes the default client.
    lazy: bool,
    initialised: bool,
    accepted: u64,
    config_file: Option<PathBuf>,
}

struct Worker {
    jobs: Sender<Value>,
    outcomes: Receiver<Outcome>,
    thread: JoinHandle<()>,
}

impl Player {
    fn new(scenario: &Scenario, through: Through) -> Player {
        Player {
            through,
            main: through.hand(),
            threads: HashMap::new(),
            lazy: !scenario.ops.iter().any(|op| op["op"] == "init_client"),
            initialised: false,
            accepted: 0,
            config_file: std::env::var_os("MONA_CLIENT_CONFIG_FILE").map(PathBuf::from),
        }
    }

    /// The default client; asking for it too early would make it from the environment.
    fn client(&self) -> Option<Client> {
        (self.lazy || self.initialised).then(Client::default_client).flatten()
    }

    fn perform(&mut self, op: &Value) -> Value {
        let (status, text) = match op["op"].as_str().expect("an operation") {
            "init_client" => self.init_client(&op["params"]),
            "set_global_init_message" => {
                self.on_client(|client| client.set_globals(Some(&json_text(&op["message"]))))
            }
            "set_disabled" => {
                self.on_client(|client| client.set_disabled(op["disabled"].as_bool().expect("a boolean")))
            }
            "close" => self.on_client(|client| client.close(DRAIN_MS)),
            "write_config" => self.write_config(op),
            "thread_start" => self.start_thread(op),
            "thread_join" => {
                let worker = self.threads.remove(op["target"].as_str().expect("a thread"));
                worker.expect("a running thread").end();
                (status::OK, None)
            }
            _ => self.on_thread(thread_of(op), op),
        };
        let accepted = self.client().map_or(self.accepted, |client| client.stats().accepted);
        let emits = accepted - self.accepted;
        self.accepted = accepted;
        json!({"status": status, "said": status_text(status), "text": text, "emits": emits})
    }

    fn on_client(&self, call: impl FnOnce(&Client) -> Result<(), Status>) -> Outcome {
        let client = Client::default_client().expect("a default client");
        (call(&client).err().unwrap_or(status::OK), None)
    }

    fn on_thread(&mut self, thread: &str, op: &Value) -> Outcome {
        match self.threads.get(thread) {
            Some(worker) => {
                worker.jobs.send(op.clone()).expect("the thread lives");
                worker.outcomes.recv().expect("the thread answers")
            }
            None => self.main.perform(op),
        }
    }

    fn init_client(&mut self, params: &Value) -> Outcome {
        let options: Vec<(String, String)> = params
            .as_object()
            .expect("params")
            .iter()
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        let options: Vec<(&str, &str)> =
            options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let outcome = Client::new(&options).and_then(|mut client| client.set_default());
        self.initialised |= outcome.is_ok();
        (outcome.err().unwrap_or(status::OK), None)
    }

    fn write_config(&self, op: &Value) -> Outcome {
        let path = self.config_file.as_ref().expect("MONA_CLIENT_CONFIG_FILE is set");
        let client = self.client().expect("a client");
        let before = client.stats().config_reloads;
        if op["delete"].as_bool() == Some(true) {
            std::fs::remove_file(path).expect("the config file can be deleted");
        } else {
            let content = op["content"].as_str().expect("a text");
            if op["rename"].as_bool() == Some(true) {
                let fresh = path.with_extension("fresh");
                std::fs::write(&fresh, content).expect("the directory is writable");
                std::fs::rename(&fresh, path).expect("the config file can be replaced");
            } else {
                std::fs::write(path, content).expect("the config file is writable");
            }
        }
        let end = Instant::now() + RELOAD_WAIT;
        while client.stats().config_reloads == before && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        (status::OK, None)
    }

    /// An inheriting thread enters the starter's context before anything else happens, and leaves it last.
    fn start_thread(&mut self, op: &Value) -> Outcome {
        let inherited = (op["kind"] == "inherit").then(|| {
            let (_, id) = self.on_thread(thread_of(op), &json!({"op": "get_full_context_id"}));
            id.unwrap_or_default()
        });
        let (jobs, todo) = channel::<Value>();
        let (answers, outcomes) = channel::<Outcome>();
        let through = self.through;
        let thread = std::thread::spawn(move || {
            let mut hand = through.hand();
            let enter = json!({"op": "new_context_enter", "handle": INHERITED, "context_id": inherited});
            let leave = json!({"op": "new_context_exit", "handle": INHERITED});
            let first = inherited.as_ref().map_or(status::OK, |_| hand.perform(&enter).0);
            answers.send((first, None)).expect("the player waits");
            for op in todo {
                answers.send(hand.perform(&op)).expect("the player waits");
            }
            if inherited.is_some() {
                assert_eq!(hand.perform(&leave).0, status::OK);
            }
        });
        let outcome = outcomes.recv().expect("the thread starts");
        let name = op["new"].as_str().expect("a name").to_owned();
        self.threads.insert(name, Worker { jobs, outcomes, thread });
        outcome
    }

    fn end_threads(&mut self) {
        self.threads.drain().for_each(|(_, worker)| worker.end());
    }
}

impl Worker {
    fn end(self) {
        drop(self.jobs);
        self.thread.join().expect("the thread ends well");
    }
}
