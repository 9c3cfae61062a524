//! A place on the list of what a child closes, for as long as the descriptor lives.

use std::os::fd::RawFd;

use super::generation::install;
use super::list::{self, Listed};
use crate::sys::identity::Identity;

/// A descriptor that a forked child closes; dropping this takes it off the list.
#[derive(Debug)]
pub(crate) struct ClosedInChild {
    listed: Option<&'static Listed>,
}

impl ClosedInChild {
    /// Puts `number` on the list, with what it is where that is known.
    pub(crate) fn new(number: RawFd, identity: Option<Identity>) -> ClosedInChild {
        // What the list still has of a parent's goes first.
        install();
        ClosedInChild { listed: list::add(number, identity) }
    }

    /// Whether there was a place for it; a child keeps the descriptor otherwise.
    pub(crate) fn is_listed(&self) -> bool {
        self.listed.is_some()
    }
}

impl Drop for ClosedInChild {
    fn drop(&mut self) {
        if let Some(listed) = self.listed {
            listed.free();
        }
    }
}
