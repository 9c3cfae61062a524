//! What a failed step of a check met, in a word that programs can decide by: sentences are for people, and may change.
//!
//! Whoever makes the error knows; a check puts the word into its report, and `docs/doctor.md` lists all of them.

use std::io;

/// What was met.
// Only HTTP and TLS meet some of them.
#[cfg_attr(not(all(feature = "http", feature = "tls")), allow(dead_code))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// TLS, where nobody here asked for it.
    TlsPort,
    /// Something else than TLS, where TLS is wanted.
    PlainPort,
    /// A server of HTTP, where a Forward input is wanted.
    HttpPort,
    /// Something else than HTTP, where an HTTP server is wanted.
    NoHttp,
    /// The end of the connection, before an answer.
    Closed,
    /// Nothing, for as long as was waited.
    Silent,
    /// An answer of HTTP that says no.
    Status,
    /// A collector that wants a shared key.
    SharedKey,
    /// A proxy in the way that cannot be used.
    Proxy,
    /// A certificate of an authority that is not trusted here.
    UnknownAuthority,
    /// A certificate for another name.
    WrongName,
    /// A certificate whose time is over, or has not come.
    OutOfTime,
    /// A certificate with anything else that is wrong.
    Certificate,
    /// Somebody who wants a certificate of this client, or another one.
    ClientCertificate,
}

impl Finding {
    /// The word in the report.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Finding::TlsPort => "tls_port",
            Finding::PlainPort => "plain_port",
            Finding::HttpPort => "http_port",
            Finding::NoHttp => "no_http",
            Finding::Closed => "closed",
            Finding::Silent => "silent",
            Finding::Status => "status",
            Finding::SharedKey => "shared_key",
            Finding::Proxy => "proxy",
            Finding::UnknownAuthority => "unknown_authority",
            Finding::WrongName => "wrong_name",
            Finding::OutOfTime => "out_of_time",
            Finding::Certificate => "certificate",
            Finding::ClientCertificate => "client_certificate",
        }
    }

    /// What an error of the system on a connection says of the other side.
    pub(super) fn of(error: &io::Error) -> Option<Finding> {
        let is_end = matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        );
        if is_end { Some(Finding::Closed) } else { Finding::before_connection(error) }
    }

    /// The same of one before there is a connection, which cannot end then.
    pub(super) fn before_connection(error: &io::Error) -> Option<Finding> {
        (error.kind() == io::ErrorKind::TimedOut).then_some(Finding::Silent)
    }
}
