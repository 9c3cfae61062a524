//! HTTP: records posted to any path, and the Mona REST API with its tokens.
//!
//! [`connection`] runs hyper over one accepted socket on the thread of that connection; [`exchange`]
//! takes a request and answers it as the conduct says, [`upload`] reads its body; [`answer`] is what is
//! said, [`tokens`] and [`host`] who may say something, [`phase`] until when. The lower half of the socket is [`wire`], which knows how to break off where hyper never
//! would.

pub(crate) mod answer;
pub(super) mod connection;
mod exchange;
mod host;
mod phase;
pub(crate) mod tokens;
mod upload;
mod wire;
