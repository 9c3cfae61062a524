//! What is kept: ARCs, their contexts and raw events in a file of SQLite.
//!
//! A [`Store`] writes, one for each file; [`Reader`]s ask, each on a connection of its own. Whoever takes
//! a chunk makes an [`Incoming`] of each record and calls [`Store::take`]: when that returns the records
//! survive the end of the process. Nothing here knows of sockets, pages or a
//! command line.
//!
//! A test makes a store with something in it like this:
//!
//! ```
//! use mona_collector::store::{Filter, Reader, Store};
//!
//! let store = Store::temporary().unwrap();
//! store.add_json(r#"{"user_id":"u","context":"a","message":{"MONA_ARC_CLASS":"digits"},"export_timestamp":1800000000}"#).unwrap();
//! store.add_json(r#"{"user_id":"u","context":"a","message":{"label":3,"confidence":0.9},"export_timestamp":1800000000}"#).unwrap();
//! let reader = Reader::open(&store).unwrap();
//! assert_eq!(reader.classes().unwrap()[0].name, "digits");
//! ```

mod blocks;
mod cell;
mod classes;
mod clock;
mod contexts;
mod error;
mod event;
mod handle;
mod import;
mod incoming;
mod live;
mod location;
mod names;
mod reader;
mod retention;
mod row;
mod rows;
mod schema;
mod slice;
mod tally;
mod value;
mod writer;

pub use error::{Failure, StoreError};
pub use event::{Event, Live, LiveEvent};
pub use handle::Store;
pub use import::Imported;
pub use incoming::Incoming;
pub use location::default_path;
pub use reader::arc::{Context, Tree};
pub use reader::arcs::{Row, Rows, Sort};
pub use reader::classes::Class;
pub use reader::fields::{Counts, Field, Top};
pub use reader::filter::{Condition, Filter, Test};
pub use reader::frame::{Frame, Sample};
pub use reader::health::Health;
pub use reader::open::Reader;
pub use reader::run::{Run, Told};
pub use reader::series::{Bucket, Histogram};
pub use reader::sums::{Group, Groups};
pub use reader::whole::{Column, Form, Shape};
pub use retention::Retention;
pub use value::Value;
pub use writer::Taken;
