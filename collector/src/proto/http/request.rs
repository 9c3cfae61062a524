//! One request as a list of them shows it.
//!
//! Made by the exchange of a connection when the request is over, kept by the sink.

/// One request, whatever was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEntry {
    /// The place of its connection among all of the collector since it last began to listen, from 0.
    pub connection: u64,
    /// Its method, `POST` if it was right.
    pub method: String,
    /// Its path with the query, as it was sent.
    pub path: String,
    /// Its headers in the order they were sent, names in lower case; tokens included.
    pub headers: Vec<(String, String)>,
    /// Bytes of its body on the wire.
    pub bytes: usize,
    /// What stands for it: the start of its body's SHA-256. The id of its chunk, if it was taken.
    pub id: String,
    /// The status that was answered; none where the script left it without.
    pub status: Option<u16>,
}

impl RequestEntry {
    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
