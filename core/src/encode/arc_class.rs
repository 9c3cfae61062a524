//! The class of a run of an algorithm, as it stands in records.

use std::borrow::Cow;

use crate::diag::error::Result;
use crate::encode::field::FieldValue;
use crate::encode::float32::widened;
use crate::encode::json::{self, Bounds, JsonError, Lexer};
use crate::encode::limits::{Limits, write_float};
use crate::encode::msgpack::{self, AppendSlice, Head};
use crate::encode::timestamp::is_zero;

/// An ARC class as it stands in its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArcClass<'a> {
    /// Its name.
    Text(Cow<'a, str>),
    /// The msgpack of another value: the older client sends whatever an event of a batch gives.
    Other(Box<[u8]>),
}

impl ArcClass<'_> {
    /// The name, where it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            ArcClass::Text(name) => Some(name),
            ArcClass::Other(_) => None,
        }
    }

    /// Whether it is as good as none.
    pub fn is_empty(&self) -> bool {
        self.name().is_some_and(str::is_empty)
    }

    /// The same class for as long as it is needed.
    pub(crate) fn to_static(&self) -> ArcClass<'static> {
        match self {
            ArcClass::Text(name) => ArcClass::Text(Cow::Owned(name.as_ref().to_owned())),
            ArcClass::Other(value) => ArcClass::Other(value.clone()),
        }
    }

    pub(super) fn append(&self, out: &mut impl AppendSlice) {
        match self {
            ArcClass::Text(name) => msgpack::text(out, name),
            ArcClass::Other(value) => out.append_slice(value),
        }
    }
}

impl<'a> ArcClass<'a> {
    /// The class that one JSON value stands for. Text is a name; other values stand as they are, and all that are empty
    /// or zero mean none.
    pub(crate) fn from_json(
        value: &'a [u8],
        limits: &Limits,
    ) -> std::result::Result<Option<ArcClass<'a>>, JsonError> {
        let mut lexer = Lexer::new(value);
        if lexer.token() == Some(b'"') {
            let name = json::decoded(lexer.string()?)?;
            lexer.end()?;
            return Ok(named(name));
        }
        let out = json::encoded(&mut lexer, Bounds::of_field(limits))?;
        lexer.end()?;
        Ok(other(out))
    }

    /// The same for the value of a typed field.
    ///
    /// # Errors
    /// `Status::Json` for JSON text that is not one value.
    pub(crate) fn from_field(value: FieldValue<'a>, limits: &Limits) -> Result<Option<ArcClass<'a>>> {
        let mut out = Vec::new();
        match value {
            FieldValue::Null => return Ok(None),
            FieldValue::Str(name) => return Ok(named(Cow::Borrowed(name.as_str()))),
            FieldValue::Json(text) => {
                let class = ArcClass::from_json(text.as_bytes(), limits);
                return class.map_err(|error| error.explain("arc_class", text.as_bytes()));
            }
            FieldValue::Bool(value) => msgpack::boolean(&mut out, value),
            FieldValue::I64(value) => msgpack::int(&mut out, value),
            FieldValue::U64(value) => msgpack::uint(&mut out, value),
            FieldValue::F64(value) => write_float(&mut out, value, limits),
            FieldValue::F32(value) => write_float(&mut out, widened(value), limits),
        }
        Ok(other(out))
    }
}

fn named(name: Cow<'_, str>) -> Option<ArcClass<'_>> {
    (!name.is_empty()).then_some(ArcClass::Text(name))
}

/// A class of another kind than text, by its msgpack.
fn other(value: Vec<u8>) -> Option<ArcClass<'static>> {
    let is_empty = match msgpack::read(&value) {
        Some((Head::Nil | Head::Bool(false) | Head::Uint(0) | Head::Array(0) | Head::Map(0), _)) => true,
        Some((Head::Float(number), _)) => is_zero(number),
        _ => false,
    };
    (!is_empty).then(|| ArcClass::Other(value.into()))
}

impl<'a> From<&'a str> for ArcClass<'a> {
    fn from(name: &'a str) -> ArcClass<'a> {
        ArcClass::Text(Cow::Borrowed(name))
    }
}
