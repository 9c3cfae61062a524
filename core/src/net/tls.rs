//! TLS for every transport: whom to trust, and the session over a connected socket.
//!
//! Trust and identity are read when a client is made, so that a wrong file is an error there and not a
//! line in a log, unless it is one that may still come; [`Tls`] then travels with the endpoint. Verification cannot be switched off. Sessions
//! are never resumed: connections live for minutes, and a store of tickets behind a lock would have to
//! survive forks. A build without the feature `tls` answers every use with a clear error.

#[cfg(feature = "tls")]
mod calendar;
#[cfg(feature = "tls")]
mod certificate;
#[cfg(feature = "tls")]
mod observed;
#[cfg(feature = "tls")]
mod pem;
#[cfg(feature = "tls")]
mod session;
#[cfg(feature = "tls")]
mod trust;
#[cfg(feature = "tls")]
mod words;

#[cfg(feature = "tls")]
pub(crate) use observed::Observed;
#[cfg(feature = "tls")]
pub(crate) use session::Session;
#[cfg(feature = "tls")]
pub(crate) use trust::Tls;

#[cfg(not(feature = "tls"))]
mod without;

#[cfg(not(feature = "tls"))]
pub(crate) use without::Observed;
#[cfg(not(feature = "tls"))]
pub(crate) use without::Session;
#[cfg(not(feature = "tls"))]
pub(crate) use without::Tls;

#[cfg(feature = "tls")]
#[cfg(test)]
pub(crate) mod tests;
