//! What stands around the log records of every request of a client: who sends them, and with what.

use super::json;
use super::pair;
use super::record::{self, KnownParts};
use super::wire::{
    self, RESOURCE, RESOURCE_ATTRIBUTE, RESOURCE_LOGS, SCOPE, SCOPE_LOGS, SCOPE_NAME, SCOPE_VERSION,
};
use crate::encode::msgpack::{Append as _, AppendSlice as _};
use crate::encode::output::Output;

/// The name of the instrumentation scope.
const NAME: &str = "libmona";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Bytes of a length that is known at the end of a request: 28 bits of it, of which no body needs as many.
const LONG: usize = 4;

/// How requests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Protobuf,
    Json,
}

/// All of a request but its log records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    form: Form,
    /// What stands before the first record, with zeros for lengths.
    start: Vec<u8>,
    /// Where the lengths stand that count to the end.
    lengths: [usize; 2],
}

impl Envelope {
    /// Around the records of a resource with these attributes.
    pub(crate) fn new(form: Form, attributes: &[(String, String)]) -> Envelope {
        let mut start = Vec::new();
        let lengths = Output::to(&mut start, |out| match form {
            Form::Protobuf => begin(out, attributes),
            Form::Json => {
                json::begin(out, attributes, (NAME, VERSION));
                [0; 2]
            }
        });
        Envelope { form, start, lengths }
    }

    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Appends a request to nothing with all the records in some entries. `may_go_on` is told how
    /// many bytes there are behind each record but the first. `Ok(false)` when it said no; the error is an entry that
    /// cannot be read back. A request without any entry says nothing of the resource either.
    pub(crate) fn write(
        &self,
        out: &mut Output<'_>,
        entries: &[u8],
        may_go_on: impl Fn(usize) -> bool,
    ) -> Result<bool, Unreadable> {
        if entries.is_empty() {
            if self.form == Form::Json {
                out.append(*b"{}");
            }
            return Ok(true);
        }
        let base = out.len();
        out.append_slice(&self.start);
        let (mut known, mut levels) = (KnownParts::default(), Vec::new());
        let mut rest = entries;
        while !rest.is_empty() {
            let is_first = rest.len() == entries.len();
            let read = match self.form {
                Form::Protobuf => record::append(out, rest, &mut known),
                Form::Json => json::append(out, rest, is_first, &mut levels),
            };
            rest = read.and_then(|len| rest.get(len..)).ok_or(Unreadable)?;
            if !is_first && !may_go_on(out.len() - base) {
                return Ok(false);
            }
        }
        match self.form {
            Form::Protobuf => self.lengths.iter().for_each(|at| patch(out, base + at)),
            Form::Json => json::end(out),
        }
        Ok(true)
    }
}

/// An entry that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Appends the start of a request; gives where its two long lengths stand.
fn begin(out: &mut Output<'_>, attributes: &[(String, String)]) -> [usize; 2] {
    out.append([RESOURCE_LOGS, 0, 0, 0, 0]);
    let of_resource = out.len() - LONG;
    let resource = wire::open(out, RESOURCE);
    for (key, value) in attributes {
        pair::texts(out, RESOURCE_ATTRIBUTE, key, value);
    }
    wire::close(out, resource);
    out.append([SCOPE_LOGS, 0, 0, 0, 0]);
    let of_scope = out.len() - LONG;
    let scope = wire::open(out, SCOPE);
    wire::bytes(out, SCOPE_NAME, NAME.as_bytes());
    wire::bytes(out, SCOPE_VERSION, VERSION.as_bytes());
    wire::close(out, scope);
    [of_resource, of_scope]
}

/// Puts the number of bytes behind a long length into it.
fn patch(out: &mut Output<'_>, at: usize) {
    let len = (out.len() - at - LONG) as u32;
    let [a, b, c, d] = [len, len >> 7, len >> 14, len >> 21].map(|part| part as u8);
    out.patch(at, [a | 0x80, b | 0x80, c | 0x80, d & 0x7f]);
}
