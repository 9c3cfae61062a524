//! The table at the end of a program that has a store: its ARCs are read back from there one by one, so that
//! none is kept in memory beside it.

use std::sync::Arc;
use std::time::Duration;

use mona_collector::View;
use mona_collector::store::{Reader, Run, Store, StoreError};

use crate::arcs::open::Arcs;
use crate::parts::Parts;
use crate::summary::Summary;

/// How long the table may take at the end, some millions of events: who ends a program does not wait longer.
const CLOSING: Duration = Duration::from_secs(10);

/// Sums the ARCs up that something came for since the store was opened.
pub(crate) fn sum_up(store: &Arc<Store>, summary: &mut Summary) -> Result<Run, StoreError> {
    let reader = Reader::open(store)?.patience(CLOSING);
    let mut arcs = Arcs::default();
    let mut arc = None;
    let add = |arcs: &mut Arcs, summary: &mut Summary| {
        // Names make room too.
        while let Some(arc) = arcs.take_oldest().or_else(|| arcs.take_excess()) {
            summary.add(&arc, &arcs.names, &mut arcs.merger);
        }
    };
    let run = reader.run(|told| {
        if arc.replace(told.arc) != Some(told.arc) {
            add(&mut arcs, summary);
        }
        arcs.add(&Parts::of_message(told.context, told.class, View::Json(told.message.as_bytes())));
        while let Some(large) = arcs.take_excess() {
            summary.add(&large, &arcs.names, &mut arcs.merger);
        }
    })?;
    add(&mut arcs, summary);
    Ok(run)
}
