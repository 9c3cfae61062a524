//! A look at the wire between a client and a collector.
//!
//! A [`Tap`] listens on a port of its own, hands everything on both ways and keeps what clients sent,
//! connection by connection, so that a test can say what never left. Dropping it ends its connections and
//! its threads.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(2);

/// The type of a TLS record with application data; TLS 1.3 disguises everything encrypted as such.
const APPLICATION_DATA: u8 = 23;

/// A forwarder that keeps what clients sent.
#[derive(Debug)]
pub struct Tap {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    ends: AtomicBool,
    sent: Mutex<Vec<Vec<u8>>>,
    open: Mutex<Vec<TcpStream>>,
}

impl Tap {
    /// Hands everything on to `target`; where that does not listen, connections end at once.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn to(target: SocketAddr) -> io::Result<Tap> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener, target)
        });
        Ok(Tap { address, shared, accepting: Some(accepting) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients sent so far, one text of bytes for each connection in the order they came.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        lock(&self.shared.sent).clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        if let Some(accepting) = self.accepting.take() {
            // It ends all copying before it ends itself; a panic in it was printed already.
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Shared>, listener: &TcpListener, target: SocketAddr) {
        let mut copying = Vec::new();
        while !self.ends.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((client, _)) => copying.extend(self.connect(client, target).unwrap_or_default()),
                Err(_) => thread::sleep(LOOK),
            }
        }
        for stream in lock(&self.open).drain(..) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        for thread in copying {
            let _ = thread.join();
        }
    }

    fn connect(self: &Arc<Shared>, client: TcpStream, target: SocketAddr) -> io::Result<Vec<JoinHandle<()>>> {
        let index = {
            let mut sent = lock(&self.sent);
            sent.push(Vec::new());
            sent.len() - 1
        };
        client.set_nonblocking(false)?;
        client.set_nodelay(true)?;
        let collector = TcpStream::connect(target)?;
        collector.set_nodelay(true)?;
        lock(&self.open).extend([client.try_clone()?, collector.try_clone()?]);
        let (client_too, collector_too) = (client.try_clone()?, collector.try_clone()?);
        let shared = Arc::clone(self);
        let there = thread::spawn(move || {
            copy(client, collector, |bytes| {
                if let Some(kept) = lock(&shared.sent).get_mut(index) {
                    kept.extend_from_slice(bytes);
                }
            });
        });
        let back = thread::spawn(move || copy(collector_too, client_too, |_| ()));
        Ok(vec![there, back])
    }
}

/// Copies until one side ends or breaks, then ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    let mut broken = false;
    loop {
        let bytes = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => buffer.get(..count).unwrap_or_default(),
            Err(_) => {
                broken = true;
                break;
            }
        };
        seen(bytes);
        if to.write_all(bytes).is_err() {
            broken = true;
            break;
        }
    }
    let how = if broken { Shutdown::Both } else { Shutdown::Write };
    // Closed already is as good.
    let _ = to.shutdown(how);
    if broken {
        let _ = from.shutdown(how);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of application data in what was sent over TLS: the lengths of all such records.
pub fn application_bytes(mut sent: &[u8]) -> usize {
    let mut total = 0;
    while let [kind, _, _, high, low, rest @ ..] = sent {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *kind == APPLICATION_DATA {
            total += length;
        }
        sent = rest.get(length..).unwrap_or_default();
    }
    total
}
