//! The Fluent Forward client: PackedForward chunks with ids, and empty ones in Forward mode, over TCP, TLS or a unix
//! socket.

mod answer;
mod client;
mod frame;
mod handshake;

pub(super) use client::Forward;
