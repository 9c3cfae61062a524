//! Messages that libmona makes itself, for the class and the globals.

use super::message::{Frame, Message, Outcome, Scratch};
use super::msgpack::{self, Append};
use super::object::INVALID_TIMESTAMP;
use super::output::Output;
use super::record::ArcClass;
use crate::diag::error::{Error, Result};

/// A message that libmona makes itself, or refuses before it is made.
pub(crate) enum OwnMessage<'a> {
    /// `{"MONA_ARC_CLASS": class}`, with a timestamp outside the rule as a second field.
    Class(&'a ArcClass<'a>),
    /// `{"MONA_GLOBALS": {...}}` of an encoded map.
    Globals(&'a [u8]),
    /// What was found wrong.
    Refused(Error),
}

impl Message for OwnMessage<'_> {
    #[inline(never)]
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, _: &mut Scratch) -> Result<Outcome> {
        match self {
            OwnMessage::Class(class) => {
                msgpack::map_header(out, 1 + usize::from(frame.invalid_timestamp.is_some()));
                msgpack::text(out, "MONA_ARC_CLASS");
                class.append(out);
                if let Some(value) = frame.invalid_timestamp {
                    msgpack::text(out, INVALID_TIMESTAMP);
                    out.append_slice(value);
                }
            }
            OwnMessage::Globals(map) => {
                msgpack::map_header(out, 1);
                msgpack::text(out, "MONA_GLOBALS");
                out.append_slice(map);
            }
            OwnMessage::Refused(error) => return Err(error.clone()),
        }
        Ok(Outcome::Written)
    }
}
