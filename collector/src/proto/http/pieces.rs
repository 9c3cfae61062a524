//! The pieces of a body, found without a tree of it.
//!
//! Called by [`super::body`]. Arrays are walked item by item, of objects only the fields asked for are
//! kept: so a body of a million small values takes no more memory than its text.

use std::borrow::Cow;

use serde_core::Deserializer;
use serde_core::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::proto::malformed::Malformed;

/// All of the bytes as one value.
pub(crate) fn read<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a RawValue, Malformed> {
    serde_json::from_slice(bytes)
        .map_err(|error| Malformed::new(format!("{what}: found \"{error}\", expected JSON of records")))
}

/// A text without its quotes and escapes.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// Shows the items of an array, one at a time.
pub(crate) fn each<'a>(
    array: &'a RawValue,
    mut show: impl FnMut(&'a RawValue) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    struct Items<'s, F>(F, &'s mut Option<Malformed>);

    impl<'a, F: FnMut(&'a RawValue) -> Result<(), Malformed>> Visitor<'a> for Items<'_, F> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'a>>(mut self, mut items: A) -> Result<(), A::Error> {
            while let Some(item) = items.next_element()? {
                if let Err(malformed) = (self.0)(item) {
                    *self.1 = Some(malformed);
                    return Err(A::Error::custom("not taken"));
                }
            }
            Ok(())
        }
    }

    let mut stopped = None;
    let mut reader = serde_json::Deserializer::from_str(array.get());
    match reader.deserialize_seq(Items(&mut show, &mut stopped)) {
        Ok(()) => Ok(()),
        Err(error) => Err(stopped.unwrap_or_else(|| Malformed::new(format!("body: found \"{error}\"")))),
    }
}

/// The values of these fields, the last of each name; none if it is no object.
pub(crate) fn fields<'a, const N: usize>(
    object: &'a RawValue,
    names: [&'static str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    struct Named<const N: usize>([&'static str; N]);

    impl<'a, const N: usize> Visitor<'a> for Named<N> {
        type Value = [Option<&'a RawValue>; N];

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = [None; N];
            while let Some(name) = map.next_key::<Cow<'_, str>>()? {
                let value = map.next_value()?;
                let slots = found.iter_mut().zip(self.0);
                slots.filter(|(_, wanted)| *wanted == name).for_each(|(slot, _)| *slot = Some(value));
            }
            Ok(found)
        }
    }

    serde_json::Deserializer::from_str(object.get()).deserialize_map(Named(names)).ok()
}
