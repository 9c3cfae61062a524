//! Why a connection or a chunk failed: what decides the sender's next step, and the sentence for the log.

use std::io;
use std::time::Duration;

use super::Finding;

/// The kind of the error that the other side took no more bytes.
pub(crate) const NO_ROOM: &str = "no room";

/// What lies behind a [`TransportError`], which decides what the sender does next. Whatever it is, nothing is lost
/// but what a collector refuses for good.
// Only HTTP has words for some of them.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Something broke: connect again after a backoff, send the same chunks again.
    Connection,
    /// The collector asked for patience: wait as long as it says, else a backoff. The connection stays.
    Busy { retry_after: Option<Duration> },
    /// Only a person can mend it (trust, a key, a path): back off and say so in the log.
    Configuration,
    /// The chunk given to [`Transport::send`] is larger than the collector takes. The connection stays.
    TooLarge,
    /// The chunk given to [`Transport::send`] holds an event that the collector never takes. The
    /// connection stays.
    Refused,
    /// The chunk given to [`Transport::send`] holds an event that cannot be read back. Nothing was sent.
    Unreadable,
}

/// Why a chunk did not arrive or a connection is given up.
#[derive(Debug)]
pub(crate) struct TransportError {
    /// Groups the log lines about it.
    pub(crate) kind: &'static str,
    /// What happened and what to do about it; never a secret.
    pub(crate) text: String,
    pub(crate) cause: Cause,
    /// What was met, where a check can say more of it than that it failed.
    pub(crate) finding: Option<Finding>,
    /// The collector closed an idle connection, as it may at any time.
    pub(crate) is_end: bool,
}

impl TransportError {
    /// An error of [`Cause::Connection`].
    // Never inlined, like what makes errors elsewhere: there are hundreds of them, and none is awaited.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(kind: &'static str, text: impl Into<String>) -> TransportError {
        TransportError { kind, text: text.into(), cause: Cause::Connection, finding: None, is_end: false }
    }

    pub(crate) fn because(self, cause: Cause) -> TransportError {
        TransportError { cause, ..self }
    }

    pub(crate) fn found(self, finding: Finding) -> TransportError {
        TransportError { finding: Some(finding), ..self }
    }

    /// Whether the other side has found the TLS of this client wanting, whenever it said so.
    pub(crate) fn is_late_verdict(&self) -> bool {
        self.kind == "tls" && self.cause == Cause::Configuration
    }

    /// Whether it says by itself who answers, so that a check need not ask on another connection. Whoever says nothing
    /// sensible may speak something else, but for one who hung up on what it had asked for.
    pub(crate) fn tells_who_answers(&self) -> bool {
        match self.finding {
            Some(Finding::Silent | Finding::NoHttp) => false,
            None | Some(Finding::Closed) => self.cause == Cause::Configuration,
            Some(_) => true,
        }
    }

    pub(crate) fn end() -> TransportError {
        TransportError {
            is_end: true,
            finding: Some(Finding::Closed),
            ..TransportError::new("closed", "the collector closed the connection")
        }
    }

    /// The error of `text` where there is no connection because of `error`.
    pub(crate) fn before_connection(kind: &'static str, text: String, error: &io::Error) -> TransportError {
        TransportError { finding: Finding::before_connection(error), ..TransportError::new(kind, text) }
    }

    pub(crate) fn io(kind: &'static str, what: &str, error: &io::Error) -> TransportError {
        TransportError {
            finding: Finding::of(error),
            ..TransportError::new(kind, format!("{what}: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_found_with_and_without_a_connection_and_an_end_only_with_one() {
        for (kind, on_one, before_one) in [
            (io::ErrorKind::TimedOut, Some(Finding::Silent), Some(Finding::Silent)),
            (io::ErrorKind::ConnectionReset, Some(Finding::Closed), None),
            (io::ErrorKind::ConnectionAborted, Some(Finding::Closed), None),
            (io::ErrorKind::ConnectionRefused, None, None),
        ] {
            let error = io::Error::from(kind);
            assert_eq!(TransportError::io("receive", "broke", &error).finding, on_one, "{kind:?}");
            let before = TransportError::before_connection("connect", String::new(), &error);
            assert_eq!(before.finding, before_one, "{kind:?}");
        }
    }

    #[test]
    fn whoever_says_nothing_sensible_is_asked_who_it_is() {
        let found = |finding| TransportError::new("answer", "").found(finding);
        for error in [
            TransportError::new("answer", ""),
            TransportError::end(),
            found(Finding::Silent),
            found(Finding::Silent).because(Cause::Configuration),
            found(Finding::NoHttp),
        ] {
            assert!(!error.tells_who_answers(), "{error:?}");
        }
        for error in [
            TransportError::new("handshake", "a wrong key").because(Cause::Configuration),
            found(Finding::Closed).because(Cause::Configuration),
            found(Finding::SharedKey),
            found(Finding::HttpPort),
            found(Finding::TlsPort),
            found(Finding::Status),
        ] {
            assert!(error.tells_who_answers(), "{error:?}");
        }
    }
}
