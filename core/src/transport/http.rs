//! Records over HTTP: to the HTTP inputs of Fluentd and Fluent Bit, to receivers of OTLP, or to the Mona REST export API.
//!
//! A chunk is one request, and the answer settles it: success is the ack. Requests are made with `ureq`,
//! over connections that this module opens, watches and closes itself. One that is too large as JSON is
//! handed back to be halved, so that what was delivered is never sent again along with the rest.

mod agent;
mod answer;
mod body;
mod clock;
mod collector;
mod default_url;
mod dial;
mod exchange;
mod format;
mod interim;
mod line;
mod mona;
mod options;
mod otlp;
mod records;
mod resource;
mod retry_after;
#[cfg(test)]
mod tests;
mod token;

pub(super) use collector::Http;
pub(crate) use options::{check as check_options, tokens_need_tls};
