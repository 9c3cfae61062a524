//! Whom it looks at: collectors behind TLS with certificates of every age, and a server of HTTP with a clock of its own.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use mona_collector::{Certificate, FaultCollector, Listen, Script, Service, Tls, TlsSettings};
use mona_tests::reach::Trust;
use tempfile::TempDir;

pub(crate) fn serve(service: Service) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap()
}

/// A Forward collector that shows this certificate, and asks for one where `asks` is an authority.
pub(crate) fn with_certificate(certificate: Certificate, asks: Option<&Trust>) -> FaultCollector {
    let mut settings = TlsSettings::new(certificate);
    settings.client_ca = asks.map(|trust| trust.authority().pem().to_owned());
    serve(Service::forward().tls(Tls::new(&settings).unwrap()))
}

/// An authority of openssl's, with a certificate for `localhost` that is good for so many days; `None` where there is no
/// openssl.
pub(crate) fn of_openssl(days: u32) -> Option<(TempDir, Certificate)> {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/O=Example/CN=An authority' -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=collector -keyout key.pem -out csr.pem
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' >ext
        openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days {days} -extfile ext -out chain.pem"
    );
    let made = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    if !made.status.success() {
        eprintln!("skipped: no certificate of openssl: {}", String::from_utf8_lossy(&made.stderr));
        return None;
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let certificate = Certificate { chain: read("chain.pem"), key: read("key.pem") };
    Some((folder, certificate))
}

/// Whoever takes connections until it goes out of scope, each in a thread that ends with it.
struct Listening {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    fn new(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Listening {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            while let Ok((socket, _)) = listener.accept() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let serve = serve.clone();
                std::thread::spawn(move || serve(socket));
            }
        });
        Listening { port, is_over, thread: Some(thread) }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Reads something and closes.
pub(crate) struct Closing {
    pub(crate) port: u16,
    _listening: Listening,
}

impl Closing {
    pub(crate) fn new() -> Closing {
        let listening = Listening::new(|mut socket: TcpStream| {
            let _ = socket.read(&mut [0; 4096]);
        });
        Closing { port: listening.port, _listening: listening }
    }
}

/// Answers the first bytes of whatever comes with the same text, and waits for the end.
pub(crate) struct Answering {
    pub(crate) port: u16,
    _listening: Listening,
}

impl Answering {
    pub(crate) fn new(answer: &str) -> Answering {
        let answer = answer.to_owned();
        let listening = Listening::new(move |mut socket: TcpStream| {
            let mut bytes = [0; 4096];
            if !socket.read(&mut bytes).is_ok_and(|count| count > 0) {
                return;
            }
            let _ = socket.write_all(answer.as_bytes());
            let _ = socket.shutdown(Shutdown::Write);
            while socket.read(&mut bytes).is_ok_and(|count| count > 0) {}
        });
        Answering { port: listening.port, _listening: listening }
    }
}

/// A web server that waits for a whole line, or the end, before it says anything, and takes nothing.
pub(crate) struct Lines {
    pub(crate) port: u16,
    _listening: Listening,
}

impl Lines {
    pub(crate) fn new() -> Lines {
        let listening = Listening::new(|mut socket: TcpStream| {
            let (mut head, mut bytes) = (Vec::new(), [0; 4096]);
            while !head.contains(&b'\n') {
                match socket.read(&mut bytes) {
                    Ok(count) if count > 0 => head.extend_from_slice(&bytes[..count]),
                    _ => break,
                }
            }
            let _ = socket.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
            let _ = socket.shutdown(Shutdown::Write);
            while socket.read(&mut bytes).is_ok_and(|count| count > 0) {}
        });
        Lines { port: listening.port, _listening: listening }
    }
}

/// A server of HTTP that gives every request the same answer.
pub(crate) struct Web {
    pub(crate) port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Web {
    /// One that answers 200 with these headers, each with its line feed.
    pub(crate) fn new(headers: &str) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, answer) =
            (Arc::clone(&is_over), format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n"));
        let thread = std::thread::spawn(move || {
            let mut requests = Vec::new();
            while let Ok((socket, _)) = listener.accept() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                requests.extend(answered(socket, &answer));
            }
            requests
        });
        Web { port, is_over, thread: Some(thread) }
    }

    /// The first lines of the requests until now; ends it.
    pub(crate) fn requests(mut self) -> Vec<String> {
        self.end()
    }

    fn end(&mut self) -> Vec<String> {
        let Some(thread) = self.thread.take() else { return Vec::new() };
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        thread.join().unwrap()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.end();
    }
}

/// Answers one request; its first line, where there was any.
fn answered(mut socket: TcpStream, answer: &str) -> Option<String> {
    let mut head = Vec::new();
    let mut bytes = [0; 4096];
    // An empty list is the body, the two bytes of which come with the head or behind it.
    while !head.ends_with(b"[]") {
        match socket.read(&mut bytes).ok()? {
            0 => return None,
            count => head.extend_from_slice(&bytes[..count]),
        }
    }
    socket.write_all(answer.as_bytes()).ok()?;
    socket.shutdown(Shutdown::Write).ok()?;
    while socket.read(&mut bytes).is_ok_and(|count| count > 0) {}
    String::from_utf8_lossy(&head).lines().next().map(str::to_owned)
}
