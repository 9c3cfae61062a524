//! What threads keep for [`arc_swap`]: a node in a list of its own.

use std::cell::Cell;

use arc_swap::ArcSwapOption;

use super::registration;

/// Any one will do: the node serves all.
static ANY: ArcSwapOption<()> = ArcSwapOption::const_empty();

thread_local! {
    static IS_REGISTERED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the calling thread's node, before a thread of the host's loads or stores one for the first time.
#[inline]
pub(crate) fn prepare() {
    registration::once(&IS_REGISTERED, || drop(ANY.load()));
}
