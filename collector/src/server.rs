//! Listening sockets, their connections and what is spoken on them.
//!
//! [`accept`] gives each connection a thread, [`forward`] and [`http`] serve it, [`service`] says what is
//! spoken and refused, [`likeness`] what a server of the world
//! would make of it, [`conduct`] how the answers go out. What arrives is told to a [`sink`]. Nothing
//! here keeps what it took.

pub(crate) mod accept;
mod babble;
pub(crate) mod certificates;
mod channel;
pub(crate) mod conduct;
mod forward;
pub(crate) mod http;
pub(crate) mod likeness;
pub(crate) mod limits;
mod place;
pub(crate) mod service;
mod session;
pub(crate) mod sink;
pub(crate) mod socket;
pub(crate) mod stop;
pub(crate) mod tls;
