//! The class of a run of an algorithm, as it stands in records.

use std::borrow::Cow;

use crate::encode::msgpack::{self, AppendSlice};

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

impl<'a> From<&'a str> for ArcClass<'a> {
    fn from(name: &'a str) -> ArcClass<'a> {
        ArcClass::Text(Cow::Borrowed(name))
    }
}
