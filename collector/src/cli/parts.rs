//! What the program needs to know of a record, without a tree of it.
//!
//! Taken from a chunk by the output, which writes it as a line, and by the ARCs, which keep its fields.

use std::borrow::Cow;
use std::io::Write;

use mona_collector::{Chunk, Entry, Fields, Floats, Malformed, Time, View};

/// How a message of the REST API names what a record has under these names, in the record's order.
const REST: [(&str, &str); 4] = [
    ("context", "contextId"),
    ("message", "message"),
    ("export_timestamp", "exportTimestamp"),
    ("arc_class", "arcClass"),
];

/// A record, or a message of the REST API.
pub(crate) struct Parts<'a> {
    pub(crate) whole: View<'a>,
    /// What stands in a message of the REST API.
    rest: Option<Fields<'a>>,
    pub(crate) user_id: User<'a>,
    pub(crate) context: Option<Cow<'a, str>>,
    pub(crate) class: Option<Cow<'a, str>>,
    /// Its message, if it is an object.
    pub(crate) message: Option<View<'a>>,
}

/// Whose record it is.
#[derive(Clone, Copy)]
pub(crate) enum User<'a> {
    Nobody,
    /// The record says so.
    Inside(View<'a>),
    /// The REST API says it once for all messages.
    Beside(&'a str),
}

impl User<'_> {
    /// Appends the id as JSON, if there is one.
    pub(crate) fn write_json(self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        match self {
            User::Nobody => Ok(()),
            User::Inside(value) => value.write_json(Floats::Null, out),
            User::Beside(text) => {
                push_quoted(text, out);
                Ok(())
            }
        }
    }
}

impl<'a> Parts<'a> {
    /// Those of one entry. A message without a context id gets that of `fresh`, as Mona makes one.
    pub(crate) fn of(
        chunk: &'a Chunk<'_>,
        entry: &Entry,
        fresh: impl FnOnce() -> String,
    ) -> Result<Parts<'a>, Malformed> {
        let whole = chunk.view(entry);
        if !chunk.mode.is_rest() {
            return Parts::of_record(whole);
        }
        let fields = whole.fields()?.unwrap_or_default();
        let mut parts = Parts::empty(whole);
        for (name, value) in &fields {
            parts.see(name.as_bytes(), *value, "contextId", "arcClass");
        }
        parts.user_id = chunk.user_id.as_deref().map_or(User::Nobody, User::Beside);
        if parts.context.as_ref().is_none_or(|context| context.is_empty()) {
            parts.context = Some(Cow::Owned(fresh()));
        }
        parts.rest = Some(fields);
        Ok(parts)
    }

    /// Those of a record.
    pub(crate) fn of_record(whole: View<'a>) -> Result<Parts<'a>, Malformed> {
        let mut parts = Parts::empty(whole);
        whole.each(|name, value| match &*name {
            b"user_id" => parts.user_id = User::Inside(value),
            name => parts.see(name, value, "context", "arc_class"),
        })?;
        Ok(parts)
    }

    /// Those of a message that is known to be one.
    #[cfg(feature = "store")]
    pub(crate) fn of_message(context: &'a str, class: Option<&'a str>, message: View<'a>) -> Parts<'a> {
        let mut parts = Parts::empty(message);
        parts.context = Some(Cow::Borrowed(context));
        parts.class = class.map(Cow::Borrowed);
        parts.message = Some(message);
        parts
    }

    fn empty(whole: View<'a>) -> Parts<'a> {
        Parts { whole, rest: None, user_id: User::Nobody, context: None, class: None, message: None }
    }

    /// One of the fields; of two with the same name the later one counts.
    fn see(&mut self, name: &[u8], value: View<'a>, context: &str, class: &str) {
        if name == b"message" {
            self.message = value.is_object().then_some(value);
        } else if name == context.as_bytes() {
            self.context = value.as_text();
        } else if name == class.as_bytes() {
            self.class = value.as_text();
        }
    }

    /// What all lines of a chunk begin with.
    pub(crate) fn line_head(tag: &str) -> Vec<u8> {
        let mut head = b"{\"tag\":".to_vec();
        push_quoted(tag, &mut head);
        head.extend_from_slice(b",\"time\":");
        head
    }

    /// Appends `{"tag":…,"time":…,"record":{…}}` and a line feed behind their head.
    pub(crate) fn write_line(&self, head: &[u8], time: Time, out: &mut Vec<u8>) -> Result<(), Malformed> {
        out.extend_from_slice(head);
        match time.nanoseconds {
            0 => out.extend_from_slice(itoa::Buffer::new().format(time.seconds).as_bytes()),
            // Writing to a Vec cannot fail.
            _ => drop(write!(out, "{time}")),
        }
        out.extend_from_slice(b",\"record\":");
        match &self.rest {
            None => self.whole.write_json(Floats::Null, out)?,
            Some(fields) => self.write_rest(fields, out)?,
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    /// The record that a message of the REST API stands for, with the class it carries beside it.
    fn write_rest(&self, fields: &Fields<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
        out.extend_from_slice(b"{\"user_id\":");
        self.user_id.write_json(out)?;
        for (name, given) in REST {
            let value = fields.iter().rfind(|(field, _)| field == given);
            match (name, &self.context, value) {
                ("context", Some(context), _) => {
                    out.extend_from_slice(b",\"context\":");
                    push_quoted(context, out);
                }
                (_, _, Some((_, value))) => field(name, *value, out)?,
                _ => {}
            }
        }
        for (name, value) in fields {
            if !REST.iter().any(|(_, given)| name == given) {
                field(name, *value, out)?;
            }
        }
        out.push(b'}');
        Ok(())
    }
}

fn field(name: &str, value: View<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    out.push(b',');
    push_quoted(name, out);
    out.push(b':');
    value.write_json(Floats::Null, out)
}

/// Appends a text as JSON.
pub(crate) fn push_quoted(text: &str, out: &mut Vec<u8>) {
    mona_collector::quote(text.as_bytes(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_message_is_a_record() {
        let line = |message: &str| {
            let whole = View::Json(message.as_bytes());
            let fields = whole.fields().unwrap().unwrap();
            let mut parts = Parts::empty(whole);
            for (name, value) in &fields {
                parts.see(name.as_bytes(), *value, "contextId", "arcClass");
            }
            parts.user_id = User::Beside("u");
            let mut out = Vec::new();
            parts.write_rest(&fields, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            line(r#"{"message":{"a":1},"contextId":"c","exportTimestamp":5,"arcClass":"k","x":2}"#),
            r#"{"user_id":"u","context":"c","message":{"a":1},"export_timestamp":5,"arc_class":"k","x":2}"#
        );
        assert_eq!(
            line(r#"{"x":1e400, "message":{"n":1000000000000000000000}}"#),
            r#"{"user_id":"u","message":{"n":1000000000000000000000},"x":1e400}"#
        );
    }
}
