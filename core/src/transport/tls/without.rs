//! What stands in for TLS in a build without it: types that no value has.

use std::time::Instant;

use crate::error::{Error, Result, Status};
use crate::options::Settings;
use crate::transport::Fault;
use crate::transport::socket::Wire;

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
    pub(in crate::transport) fn of_others(&self) -> Tls {
        match *self {}
    }

    pub(crate) fn check_host(&self, _: &str) -> Result<()> {
        match *self {}
    }
}

pub(in crate::transport) enum Session {}

impl Session {
    pub(in crate::transport) fn open(
        _: Wire,
        tls: &Tls,
        _: &str,
        _: Instant,
    ) -> std::result::Result<Session, Fault> {
        match *tls {}
    }

    pub(in crate::transport) fn wire(&self) -> &Wire {
        match *self {}
    }

    pub(in crate::transport) fn send_all(
        &mut self,
        _: &[&[u8]],
        _: Instant,
    ) -> std::result::Result<(), Fault> {
        match *self {}
    }

    pub(in crate::transport) fn read(&mut self, _: &mut [u8]) -> std::result::Result<Option<usize>, Fault> {
        match *self {}
    }

    pub(in crate::transport) fn finish(self, _: Instant) {
        match self {}
    }
}
