//! HTTP: records posted to any path, and the Mona REST API with its tokens.
//!
//! [`connection`] runs hyper over one accepted socket on the thread of that connection; [`exchange`]
//! takes a request and answers it as the script says; [`body`] makes a chunk of what it carried. The
//! lower half of the socket is [`wire`], which knows how to break off where hyper never would.

pub mod answer;
pub mod body;
pub mod connection;
pub mod exchange;
pub mod tokens;
pub mod wire;
