//! What is asked, what was answered, and what was good the last time.

use std::io;
use std::net::IpAddr;

/// Names remembered: more than any process has collectors, so that only a misuse forgets one.
const MOST_NAMES: usize = 64;

#[derive(Default)]
pub(crate) struct Names {
    known: Vec<Name>,
    questions: Vec<String>,
    has_thread: bool,
}

struct Name {
    host: String,
    is_asked: bool,
    /// How many answers came, so that a caller tells a new one from the one before.
    answers: u64,
    fault: Option<(io::ErrorKind, String)>,
    good: Vec<IpAddr>,
}

impl Names {
    /// Queues a look-up unless one is under way; gives how many answers there were before it.
    pub(crate) fn ask_for(&mut self, host: &str) -> u64 {
        if self.find(host).is_none() {
            if self.known.len() >= MOST_NAMES {
                let oldest = self.known.remove(0);
                self.questions.retain(|question| *question != oldest.host);
            }
            let host = host.to_owned();
            self.known.push(Name { host, is_asked: false, answers: 0, fault: None, good: Vec::new() });
        }
        let Some(name) = self.known.iter_mut().find(|name| name.host == host) else { return 0 };
        if !std::mem::replace(&mut name.is_asked, true) {
            self.questions.push(host.to_owned());
        }
        name.answers
    }

    /// True when the caller is to start the thread.
    pub(crate) fn start_thread(&mut self) -> bool {
        !std::mem::replace(&mut self.has_thread, true)
    }

    pub(crate) fn thread_ended(&mut self) {
        self.has_thread = false;
    }

    #[cfg(test)]
    pub(crate) fn has_thread(&self) -> bool {
        self.has_thread
    }

    pub(crate) fn next_question(&mut self) -> Option<String> {
        (!self.questions.is_empty()).then(|| self.questions.remove(0))
    }

    pub(crate) fn answer(&mut self, host: &str, answer: io::Result<Vec<IpAddr>>) {
        let Some(name) = self.known.iter_mut().find(|name| name.host == host) else { return };
        name.is_asked = false;
        name.answers += 1;
        name.fault = match answer {
            Ok(addresses) => {
                name.good = addresses;
                None
            }
            Err(error) => Some((error.kind(), error.to_string())),
        };
    }

    /// The answer that came after the first `seen` ones. A name that was forgotten meanwhile counts as one
    /// without an answer.
    pub(crate) fn answer_since(&self, host: &str, seen: u64) -> Option<io::Result<Vec<IpAddr>>> {
        let name = self.find(host).filter(|name| name.answers > seen)?;
        Some(match &name.fault {
            Some((kind, text)) => Err(io::Error::new(*kind, text.clone())),
            None => Ok(name.good.clone()),
        })
    }

    /// The addresses of the last look-up that had any.
    pub(crate) fn last_good(&self, host: &str) -> Option<Vec<IpAddr>> {
        self.find(host).map(|name| name.good.clone()).filter(|good| !good.is_empty())
    }

    fn find(&self, host: &str) -> Option<&Name> {
        self.known.iter().find(|name| name.host == host)
    }
}
