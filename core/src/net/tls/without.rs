//! What stands in for TLS in a build without it: types that no value has.

use std::sync::Arc;

use serde_json::Value;

use crate::config::Settings;
use crate::diag::error::{Error, Result, Status};
use crate::net::wire::Wire;
use crate::net::{Deadline, TransportError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tls {}

impl Tls {
    pub(crate) fn load(_: &Settings) -> Result<Tls> {
        Err(Error::new(
            Status::Argument,
            "option \"endpoint\": it asks for TLS, which this build of libmona leaves out, a build with the \
             feature tls or tcp:// is expected",
        ))
    }

    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn of_others(&self) -> Tls {
        match *self {}
    }

    pub(crate) fn observed(&self) -> (Tls, Arc<Observed>) {
        match *self {}
    }

    pub(crate) fn check_host(&self, _: &str) -> Result<()> {
        match *self {}
    }
}

pub(crate) enum Observed {}

impl Observed {
    pub(crate) fn members(&self) -> Vec<(&'static str, Value)> {
        match *self {}
    }
}

pub(crate) enum Session {}

impl Session {
    pub(crate) fn open(
        _: Wire,
        tls: &Tls,
        _: &str,
        _: Deadline,
    ) -> std::result::Result<Session, TransportError> {
        match *tls {}
    }

    pub(crate) fn wire(&self) -> &Wire {
        match *self {}
    }

    pub(crate) fn send_all(&mut self, _: &[&[u8]], _: Deadline) -> std::result::Result<(), TransportError> {
        match *self {}
    }

    pub(crate) fn read(&mut self, _: &mut [u8]) -> std::result::Result<Option<usize>, TransportError> {
        match *self {}
    }

    pub(crate) fn finish(self, _: Deadline) {
        match self {}
    }
}
