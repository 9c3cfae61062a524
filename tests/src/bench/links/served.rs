//! The servers under measurement: as light as they can be, so that it is the client that is measured.
//!
//! Counts what arrives and keeps nothing but the numbers of events, where copies have to be told from what was lost.
//! A server can be made to refuse events that carry a mark, with whatever else it is like.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mona_collector::{
    Chunk, Conducts, Entry, Faults, Helo, Likeness, Listen, Listener, Server, Service, Sink, Socket, Step,
    Verdict, likeness,
};

/// Stands in an event that is refused.
pub const MARK: &str = "refuse this";

/// The servers and their ways in, by the names of their figures.
pub const SERVERS: [(&str, bool); 7] = [
    ("plain", false),
    ("fluent-bit", false),
    ("fluentd", false),
    ("otel", false),
    ("plain", true),
    ("fluent-bit", true),
    ("fluentd", true),
];

/// A server, its address and its count.
#[derive(Debug)]
pub struct Served {
    /// For the option of that name.
    pub endpoint: String,
    count: Arc<Count>,
    _server: Server,
}

#[derive(Debug, Default)]
struct Count {
    /// The numbers at the end of the event ids, which one client gives out; none where nobody asks.
    events: Option<Mutex<HashSet<u64>>>,
    connections: AtomicU64,
}

/// The number at the end of a record's `event_id`.
fn number(chunk: &Chunk<'_>, entry: &Entry) -> Option<u64> {
    let fields = chunk.view(entry).fields().ok()??;
    let (_, id) = fields.into_iter().find(|(name, _)| name == "event_id")?;
    id.as_text()?.rsplit_once('-')?.1.parse().ok()
}

impl Sink for Count {
    fn opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        if let Some(events) = &self.events {
            let numbers = chunk.entries.iter().filter_map(|entry| number(chunk, entry));
            events.lock().unwrap_or_else(PoisonError::into_inner).extend(numbers);
        }
        Ok(())
    }
}

impl Served {
    /// Starts one like this server, over HTTP or Forward.
    ///
    /// # Errors
    ///
    /// When there is no such server or no port for it.
    pub fn start(like: &str, http: bool) -> io::Result<Served> {
        Served::with(like, http, Step::Normal, Count::default())
    }

    /// One that counts the events of a single client, each once; each connection lasts this long, if it is said.
    ///
    /// # Errors
    ///
    /// When there is no such server or no port for it.
    pub fn counting(like: &str, http: bool, lifetime: Option<Duration>) -> io::Result<Served> {
        let count = Count { events: Some(Mutex::default()), ..Count::default() };
        Served::with(like, http, lifetime.map_or(Step::Normal, Step::ResetAfter), count)
    }

    fn with(like: &str, http: bool, step: Step, count: Count) -> io::Result<Served> {
        let inner = likeness(like).map_err(io::Error::other)?;
        let service = if http { Service::http() } else { Service::forward() };
        let service = service.like(Arc::new(Refusing(inner)));
        let scheme = service.scheme();
        let listener = Listener::bind(&Listen::Tcp)?;
        let endpoint = format!("{scheme}://{}", listener.address()?);
        let conducts: Arc<dyn Conducts> = Arc::new(Faults::new(step.into()));
        let count = Arc::new(count);
        let server = Server::start(listener, service, conducts, Arc::<Count>::clone(&count))?;
        Ok(Served { endpoint, count, _server: server })
    }

    /// Events taken, without copies; none where they are not counted.
    pub fn events(&self) -> u64 {
        let Some(events) = &self.count.events else { return 0 };
        events.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// Connections accepted.
    pub fn connections(&self) -> u64 {
        self.count.connections.load(Ordering::Relaxed)
    }
}

/// The name of a server and its way in, as figures have it.
pub fn name(like: &str, http: bool) -> String {
    format!("{}.{}", like.replace('-', "_"), if http { "http" } else { "tcp" })
}

/// A server that refuses marked events besides what it refuses anyway.
#[derive(Debug)]
struct Refusing(Arc<dyn Likeness>);

impl Refusing {
    fn is_marked(chunk: &Chunk<'_>) -> bool {
        let mark = MARK.as_bytes();
        chunk.entries.iter().any(|entry| chunk.raw(entry).windows(mark.len()).any(|found| found == mark))
    }
}

impl Likeness for Refusing {
    fn suits(&self, socket: Socket) -> Result<(), String> {
        self.0.suits(socket)
    }

    fn most_connections(&self) -> Option<usize> {
        self.0.most_connections()
    }

    fn is_open(&self) -> bool {
        self.0.is_open()
    }

    fn helo(&self) -> Option<Helo> {
        self.0.helo()
    }

    fn turn(&self) -> Option<&Mutex<()>> {
        self.0.turn()
    }

    fn forward(&self, chunk: &Chunk<'_>) -> Verdict {
        if Refusing::is_marked(chunk) { Verdict::Refuse(MARK.to_owned()) } else { self.0.forward(chunk) }
    }

    fn largest_body(&self) -> Option<usize> {
        self.0.largest_body()
    }

    fn wants_lines(&self) -> bool {
        self.0.wants_lines()
    }

    fn http(&self, chunk: &Chunk<'_>) -> Verdict {
        if Refusing::is_marked(chunk) { Verdict::Refuse(MARK.to_owned()) } else { self.0.http(chunk) }
    }
}
