//! What libmona says itself: the messages of the class and of the globals, and globals inside another message.

use crate::diag::error::{Error, Result};
use crate::encode::arc_class::ArcClass;
use crate::encode::key_cache::Left;
use crate::encode::message::{Frame, Message, Outcome, write_invalid_timestamp};
use crate::encode::msgpack::{self, AppendSlice, Head};
use crate::encode::name::Name;
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

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
    #[inline(always)]
    fn is_export(&self) -> bool {
        matches!(self, OwnMessage::Refused(_))
    }

    #[inline(always)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        _: Option<Left>,
        frame: Frame<'_>,
        _: &mut Scratch,
    ) -> Result<Outcome> {
        match self {
            OwnMessage::Class(class) => {
                msgpack::map_header(out, 1 + usize::from(frame.invalid_timestamp.is_some()));
                msgpack::text(out, "MONA_ARC_CLASS");
                class.append(out);
                if let Some(value) = frame.invalid_timestamp {
                    write_invalid_timestamp(out, value, frame.limits);
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

/// Adds the fields of `globals_map` to the message at `start`, the last thing in `out`. The message's own
/// fields win, and names that belong to Mona are left out as they are from any message.
pub(crate) fn merge_globals(out: &mut Output<'_>, start: usize, globals_map: &[u8]) -> Option<()> {
    let message = out.since(start).to_vec();
    let (Head::Map(own), own_fields) = msgpack::read(&message)? else { return None };
    let own_keys: Vec<&[u8]> = fields(own, own_fields).map(|(key, _)| key).collect();
    let (Head::Map(count), globals) = msgpack::read(globals_map)? else { return None };
    let added: Vec<&[u8]> = fields(count, globals)
        .filter(|(key, _)| !Name::new(key).is_reserved() && !own_keys.contains(key))
        .map(|(_, field)| field)
        .collect();
    out.truncate(start);
    msgpack::map_header(out, own + added.len());
    out.append_slice(own_fields);
    added.into_iter().for_each(|field| out.append_slice(field));
    Some(())
}

/// The keys of a map, each with the bytes of key and value.
fn fields(count: usize, mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..count).map_while(move |_| {
        let (Head::Text(key), after) = msgpack::read(rest)? else { return None };
        let len = rest.len() - after.len() + msgpack::value_len(after)?;
        let (field, next) = rest.split_at_checked(len)?;
        rest = next;
        Some((key, field))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Limits, json_object, to_json};

    #[test]
    fn globals_fill_up_a_message() {
        let map = |json: &str| {
            let limits = Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false };
            let mut out = Vec::new();
            json_object(&mut out, json.as_bytes(), &limits, &mut Scratch::default()).unwrap();
            out
        };
        let many: String = (0..20).map(|number| format!(r#","k{number}":{number}"#)).collect();
        for (message, globals, expected) in [
            (r#"{"a":1}"#.to_owned(), r#"{"b":[2],"a":3}"#, r#"{"a":1,"b":[2]}"#.to_owned()),
            (r#"{"a":null}"#.to_owned(), r#"{"a":1,"MONA_x":2}"#, r#"{"a":null}"#.to_owned()),
            (format!(r#"{{"a":1{many}}}"#), r#"{"z":0}"#, format!(r#"{{"a":1{many},"z":0}}"#)),
        ] {
            let mut out = b"before".to_vec();
            out.extend(map(&message));
            Output::to(&mut out, |out| merge_globals(out, 6, &map(globals))).unwrap();
            let mut text = Vec::new();
            to_json::append(&mut text, out.strip_prefix(b"before").unwrap()).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
