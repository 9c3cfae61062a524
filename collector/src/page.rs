//! The page: what the store holds, for a person with a browser.
//!
//! Started by the program beside the servers, and ended with it. One thread serves all connections; what is asked of
//! the store runs on a few more. Everything is rendered here, from text that is escaped, cut and made visible; the
//! browser gets one stylesheet and one small script of this folder, and nothing from elsewhere. The page changes
//! nothing: it answers GET and HEAD only.
//!
//! [`serve`] accepts, [`guard`] says who may ask, [`routes`] which view answers, [`views`] hold one view each,
//! [`layout`] is around all of them.

mod analysis;
mod ask;
mod assets;
mod charts;
mod clients;
mod filter;
mod follow;
mod guard;
mod layout;
mod live;
mod number;
mod pulse;
mod routes;
mod serve;
mod settings;
mod shared;
mod table;
mod text;
mod trouble;
mod view;
mod views;
mod words;

pub use clients::Clients;
pub use serve::Page;
pub use settings::{DeliveryCounters, PageSettings};
