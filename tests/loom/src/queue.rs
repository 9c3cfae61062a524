//! The core's queue, all of it but the pool of buffers.

#[path = "../../../core/src/queue/append.rs"]
mod append;
#[path = "../../../core/src/queue/budget.rs"]
mod budget;
#[path = "../../../core/src/queue/collect.rs"]
mod collect;
#[path = "../../../core/src/queue/evict.rs"]
mod evict;
#[path = "../../../core/src/queue/idle.rs"]
mod idle;
#[path = "../../../core/src/queue/intake.rs"]
mod intake;
#[path = "../../../core/src/queue/last_flush.rs"]
mod last_flush;
#[path = "../../../core/src/queue/local.rs"]
mod local;
mod pool;
#[path = "../../../core/src/queue/segment.rs"]
mod segment;
#[path = "../../../core/src/queue/segments.rs"]
mod segments;
#[path = "../../../core/src/queue/spool_side.rs"]
mod spool_side;
#[path = "../../../core/src/queue/spooled.rs"]
mod spooled;
#[path = "../../../core/src/queue/thread_buffer.rs"]
mod thread_buffer;

pub(crate) use append::Appended;
pub(crate) use budget::{Budget, Charge, Step};
pub(crate) use intake::{Intake, Limits};
pub(crate) use segments::{Ledger, Taken};
pub(crate) use thread_buffer::Entry;
