//! What each client sent, in this run.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::number::now;

/// Clients that are told apart: more than anybody reads. The others are counted together.
const MAX_CLIENTS: usize = 200;
/// Letters of a host's name that are kept: as long as one may be in the DNS.
const MAX_HOSTNAME: usize = 253;
/// What the others are called.
const OTHERS: &str = "(others)";

/// Counts by client: an address without its port, as each connection has another one.
#[derive(Debug, Default)]
pub struct Clients(Mutex<HashMap<String, Client>>);

/// One client.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Client {
    /// What it called itself in the handshake.
    pub(crate) hostname: Option<String>,
    pub(crate) chunks: u64,
    pub(crate) events: u64,
    /// Of the chunks that were taken, as they were sent.
    pub(crate) bytes: u64,
    /// Chunks and requests that were not taken, and connections closed for a fault.
    pub(crate) refused: u64,
    /// When something last came, in Unix seconds.
    pub(crate) last: f64,
}

impl Clients {
    /// A chunk was taken.
    pub fn took(&self, address: &str, hostname: Option<&str>, events: u64, bytes: u64) {
        let mut all = self.lock();
        let client = one(&mut all, address);
        client.chunks += 1;
        client.events += events;
        client.bytes += bytes;
        if let Some(hostname) = hostname.filter(|name| client.hostname.as_deref() != Some(*name)) {
            client.hostname = Some(hostname.chars().take(MAX_HOSTNAME).collect());
        }
    }

    /// Something was refused, or the connection closed for a fault.
    pub fn refused(&self, address: &str) {
        one(&mut self.lock(), address).refused += 1;
    }

    /// All of them, the one that was last seen first.
    pub(crate) fn all(&self) -> Vec<(String, Client)> {
        let all = self.lock();
        let mut all: Vec<_> = all.iter().map(|(address, client)| (address.clone(), client.clone())).collect();
        all.sort_by(|(one, a), (other, b)| b.last.total_cmp(&a.last).then_with(|| one.cmp(other)));
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client at this address, or all others where there are too many.
fn one<'c>(all: &'c mut HashMap<String, Client>, address: &str) -> &'c mut Client {
    let host = address.parse::<SocketAddr>().map(|address| address.ip().to_canonical().to_string());
    let host = host.unwrap_or_else(|_| address.to_owned());
    let has_room = all.len() < MAX_CLIENTS || all.contains_key(&host);
    let client = all.entry(if has_room { host } else { OTHERS.to_owned() }).or_default();
    client.last = now();
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_of_one_host_are_one_client() {
        let clients = Clients::default();
        clients.took("127.0.0.1:50000", None, 7, 100);
        clients.took("127.0.0.1:50001", Some("camera"), 3, 50);
        clients.refused("[::ffff:127.0.0.1]:50002");
        clients.took("unix:///run/mona.sock", None, 1, 10);
        clients.took("[2001:db8::1]:9", None, 1, 10);
        let all: HashMap<String, Client> = clients.all().into_iter().collect();
        assert_eq!(all.len(), 3, "{all:?}");
        assert!(all.contains_key("unix:///run/mona.sock") && all.contains_key("2001:db8::1"), "{all:?}");
        let Client { last, .. } = all["127.0.0.1"];
        let expected = Client {
            hostname: Some("camera".to_owned()),
            chunks: 2,
            events: 10,
            bytes: 150,
            refused: 1,
            last,
        };
        assert_eq!(all["127.0.0.1"], expected);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let clients = Clients::default();
        for n in 0..MAX_CLIENTS as u32 * 3 {
            clients.took(&format!("[2001:db8::{n:x}]:1"), Some(&"x".repeat(1 << 16)), 1, 1);
        }
        let all: HashMap<String, Client> = clients.all().into_iter().collect();
        assert_eq!((all.len(), all[OTHERS].events), (MAX_CLIENTS + 1, MAX_CLIENTS as u64 * 2));
        assert!(
            all.values()
                .all(|client| client.hostname.as_ref().is_some_and(|name| name.len() == MAX_HOSTNAME))
        );
    }
}
