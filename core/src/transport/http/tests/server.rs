//! A small HTTP server for tests: it notes every request and answers as a script says.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::sys::sync::lock;

/// One request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The number of the connection it came on.
    pub(super) connection: usize,
    /// Method and target.
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What becomes of a request.
pub(super) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    Next,
    Close,
    /// Nothing more until the other side ends.
    Silence,
}

impl Reply {
    pub(super) fn new(status: u16, headers: &[&str], body: &str) -> Reply {
        let mut head = format!("HTTP/1.1 {status} Something\r\nContent-Length: {}\r\n", body.len());
        headers.iter().for_each(|header| head += &format!("{header}\r\n"));
        Reply { bytes: format!("{head}\r\n{body}").into_bytes(), then: Then::Next }
    }

    pub(super) fn status(status: u16) -> Reply {
        Reply::new(status, &[], "")
    }

    pub(super) fn raw(text: &str) -> Reply {
        Reply { bytes: text.as_bytes().to_vec(), then: Then::Next }
    }

    pub(super) fn closing(self) -> Reply {
        Reply { then: Then::Close, ..self }
    }

    pub(super) fn silent() -> Reply {
        Reply { bytes: Vec::new(), then: Then::Silence }
    }
}

/// Looks at a request before its body is read; a reply ends the connection without reading it.
type Early = fn(&Request) -> Option<Reply>;

type Script = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

struct Shared {
    script: Script,
    early: Early,
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    is_over: AtomicBool,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What a connection is: a socket, or a session over one.
pub(super) trait Peer: Read + Write {}
impl<T: Read + Write> Peer for T {}
pub(super) type Accept = Box<dyn Fn(TcpStream) -> Box<dyn Peer> + Send + Sync>;

impl Server {
    /// Answers each request by `script`, which gets the number of requests before it too.
    pub(super) fn new(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Server {
        Server::with(script, |_| None, Box::new(|socket| Box::new(socket)))
    }

    pub(super) fn with(
        script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
        early: Early,
        accept: Accept,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            early,
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let ours = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                for socket in listener.incoming() {
                    if ours.is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let socket = socket.unwrap();
                    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                    let number = ours.connections.fetch_add(1, Ordering::SeqCst);
                    let (ours, accept) = (&ours, &accept);
                    scope.spawn(move || serve(accept(socket), number, ours));
                }
            });
        });
        Server { address, shared, thread: Some(thread) }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Ends the accept that is under way.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A peer whose reads wait until the server is over.
struct Patient<'a> {
    peer: Box<dyn Peer>,
    shared: &'a Shared,
}

impl Read for Patient<'_> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.peer.read(target) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if self.shared.is_over.load(Ordering::SeqCst) {
                        return Ok(0);
                    }
                }
                other => return other,
            }
        }
    }
}

fn serve(peer: Box<dyn Peer>, connection: usize, shared: &Shared) {
    let mut reader = BufReader::new(Patient { peer, shared });
    while let Some(mut request) = head(&mut reader, connection) {
        let early = (shared.early)(&request);
        let reads_body = early.is_none();
        if reads_body {
            let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
            request.body = vec![0; length];
            if reader.read_exact(&mut request.body).is_err() {
                return;
            }
        }
        let before = {
            let mut requests = lock(&shared.requests);
            requests.push(request.clone());
            requests.len() - 1
        };
        let reply = early.unwrap_or_else(|| (shared.script)(&request, before));
        let peer = &mut reader.get_mut().peer;
        if peer.write_all(&reply.bytes).is_err() || peer.flush().is_err() || !reads_body {
            return;
        }
        match reply.then {
            Then::Next => {}
            Then::Close => return,
            Then::Silence => {
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
        }
    }
}

fn head(reader: &mut BufReader<Patient<'_>>, connection: usize) -> Option<Request> {
    let mut line = || {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let line = first.strip_suffix(" HTTP/1.1").unwrap().to_owned();
    Some(Request { connection, line, headers, body: Vec::new() })
}
