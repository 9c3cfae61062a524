//! What the program tells the page at its start, and while it runs.

use std::fmt;
use std::sync::Arc;

use super::clients::Clients;

/// What the page needs to know.
#[derive(Debug, Default)]
pub struct PageSettings {
    /// Names the page answers to besides localhost and addresses.
    pub allow_hosts: Vec<String>,
    /// What a browser has to show; given where others on the network can connect.
    pub token: Option<String>,
    /// Where programs can send to, as `MONA_ENDPOINT` names it.
    pub endpoints: Vec<String>,
    /// Counters of delivery in this run.
    pub delivery: DeliveryCounters,
    /// What each client sent in this run.
    pub clients: Arc<Clients>,
}

/// Says how delivery goes: counters by name, as of now.
pub struct DeliveryCounters(Box<dyn Fn() -> Vec<(&'static str, u64)> + Send + Sync>);

impl DeliveryCounters {
    /// Asks this function.
    pub fn new(counters: impl Fn() -> Vec<(&'static str, u64)> + Send + Sync + 'static) -> DeliveryCounters {
        DeliveryCounters(Box::new(counters))
    }

    pub(crate) fn counters(&self) -> Vec<(&'static str, u64)> {
        (self.0)()
    }
}

impl Default for DeliveryCounters {
    fn default() -> DeliveryCounters {
        DeliveryCounters::new(Vec::new)
    }
}

impl fmt::Debug for DeliveryCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.counters()).finish()
    }
}
