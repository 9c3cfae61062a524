//! What is held back on purpose: fields by name, and whole contexts by sampling.
//!
//! The options make these rules; the encoder asks [`FieldRules`] about each top-level field, and a context
//! asks [`Sampling`] once. Both are immutable and shared. Rules that are off cost one branch.

use crate::diag::error::{Error, Result, Status};
use crate::encode::name::Name;
use crate::sys::{float_mode, hex};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha224, Sha256};
use zeroize::Zeroizing;

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// What becomes of a top-level field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldAction {
    /// It is sent as it is.
    Keep,
    /// It is left out.
    Drop,
    /// Its value is replaced by a salted SHA-256.
    Hash,
}

/// The options `drop_fields`, `hash_fields`, `hash_salt` and `drop_null_fields`, ready for use.
#[derive(Clone, Default)]
pub struct FieldRules {
    /// Tells these rules from all others of this process; 0 for none.
    number: u64,
    drop: Names,
    hash: Names,
    salt: Zeroizing<Box<[u8]>>,
    drop_null: bool,
}

/// Names of fields, and beginnings of names. Most names are none of them, which takes one look at a bit.
#[derive(Clone, Default)]
struct Names {
    whole: Box<[(u32, Box<str>)]>,
    /// One bit for each hash of `whole`, by its upper six bits.
    hashes: u64,
    beginnings: Box<[Box<str>]>,
    /// One bit for each first byte of `beginnings`.
    first_bytes: [u64; 4],
}

impl Names {
    fn new(patterns: Vec<(&str, bool)>) -> Names {
        let mut names = Names::default();
        let (mut whole, mut beginnings) = (Vec::new(), Vec::new());
        for (text, is_open) in patterns {
            if is_open {
                let bytes = text.as_bytes().first().map_or(0..=u8::MAX, |first| *first..=*first);
                bytes.for_each(|first| {
                    names.first_bytes.iter_mut().zip(bit(first)).for_each(|(all, bit)| *all |= bit)
                });
                beginnings.push(text.into());
            } else {
                let hash = Name::new(text.as_bytes()).hash;
                names.hashes |= 1 << (hash >> 26);
                whole.push((hash, text.into()));
            }
        }
        names.whole = whole.into();
        names.beginnings = beginnings.into();
        names
    }

    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.beginnings.is_empty()
    }

    #[inline(always)]
    fn hold(&self, name: Name, text: &[u8]) -> bool {
        (self.hashes >> (name.hash >> 26) & 1 != 0 && self.hold_whole(name, text))
            || (!self.beginnings.is_empty() && self.hold_beginning(text))
    }

    #[inline(never)]
    fn hold_whole(&self, name: Name, text: &[u8]) -> bool {
        self.whole.iter().any(|(hash, known)| *hash == name.hash && known.as_bytes() == text)
    }

    #[inline(never)]
    fn hold_beginning(&self, text: &[u8]) -> bool {
        // An empty name begins only like an empty beginning, which has every bit.
        let first = text.first().copied().unwrap_or_default();
        self.first_bytes.iter().zip(bit(first)).any(|(all, bit)| all & bit != 0)
            && self.beginnings.iter().any(|known| text.starts_with(known.as_bytes()))
    }

    /// The names as they were given.
    fn shown(&self) -> Vec<String> {
        let whole = self.whole.iter().map(|(_, name)| name.to_string());
        whole.chain(self.beginnings.iter().map(|name| format!("{name}*"))).collect()
    }
}

/// The bit of a byte among 256.
fn bit(byte: u8) -> [u64; 4] {
    [0, 1, 2, 3].map(|word| if byte / 64 == word { 1 << (byte % 64) } else { 0 })
}

impl FieldRules {
    /// Rules from two lists of names separated by commas. A name may end in `*`, which stands for any
    /// rest; blanks around names and empty names are ignored. An empty list is off.
    ///
    /// # Errors
    /// `Status::Argument` when a `*` stands anywhere but at the end of a name.
    pub fn new(
        drop_fields: &str,
        hash_fields: &str,
        hash_salt: &str,
        drop_null_fields: bool,
    ) -> Result<FieldRules> {
        Ok(FieldRules {
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            drop: patterns("drop_fields", drop_fields)?,
            hash: patterns("hash_fields", hash_fields)?,
            salt: Zeroizing::new(hash_salt.as_bytes().into()),
            drop_null: drop_null_fields,
        })
    }

    /// What becomes of the top-level field `name`; dropping beats hashing.
    #[cfg(test)]
    fn action(&self, name: &str) -> FieldAction {
        self.action_of(Name::new(name.as_bytes()), name.as_bytes())
    }

    /// The same for a name that is known already, with its text.
    #[inline]
    pub(crate) fn action_of(&self, name: Name, text: &[u8]) -> FieldAction {
        if self.drop.hold(name, text) {
            FieldAction::Drop
        } else if self.hash.hold(name, text) {
            FieldAction::Hash
        } else {
            FieldAction::Keep
        }
    }

    /// Tells these rules from all others of this process.
    #[inline(always)]
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// True when nothing is left out or hashed.
    #[inline]
    pub(crate) fn is_off(&self) -> bool {
        !self.drop_null && !self.by_name()
    }

    /// True when names matter at all.
    #[inline]
    pub fn by_name(&self) -> bool {
        !self.drop.is_empty() || !self.hash.is_empty()
    }

    /// True when fields whose value is null are left out.
    #[inline]
    pub fn drops_null(&self) -> bool {
        self.drop_null
    }

    /// The lower-case hexadecimal SHA-256 of the salt followed by `text`.
    pub fn digest(&self, text: &[u8]) -> [u8; 64] {
        let hash = Sha256::new().chain_update(&**self.salt).chain_update(text).finalize();
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&[hex::digit(byte >> 4), hex::digit(byte & 0x0f)]);
        }
        text
    }
}

impl std::fmt::Debug for FieldRules {
    /// Shows the names, never the salt.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldRules")
            .field("drop", &self.drop.shown())
            .field("hash", &self.hash.shown())
            .field("drop_null", &self.drop_null)
            .finish_non_exhaustive()
    }
}

fn patterns(option: &str, list: &str) -> Result<Names> {
    let patterns = list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(|text| {
        let (name, open) = match text.strip_suffix('*') {
            Some(name) => (name, true),
            None => (text, false),
        };
        if name.contains('*') {
            return Err(Error::new(
                Status::Argument,
                format!(
                    "option \"{option}\": \"{text}\", a field name with at most one * at its end is expected"
                ),
            ));
        }
        Ok((name, open))
    });
    Ok(Names::new(patterns.collect::<Result<_>>()?))
}

// The hash of an id is cut to this many steps; the rule is shared with other clients (behaviour.md 8).
const STEPS: u64 = 10_000_000;

/// The options `sample_rate` and `sample_rates`, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    default_rate: f64,
    by_class: Box<[(Box<str>, f64)]>,
}

impl Sampling {
    /// Rates from 0 to 1: a default, and a JSON object from ARC classes to their own rates. Empty text is
    /// an empty object.
    ///
    /// # Errors
    /// `Status::Argument` when a rate is not a number from 0 to 1 or the text is not a JSON object.
    pub fn new(default_rate: f64, rates_json: &str) -> Result<Sampling> {
        if !(0.0..=1.0).contains(&default_rate) {
            return Err(Error::new(
                Status::Argument,
                format!(
                    "option \"sample_rate\": \"{}\", a number from 0 to 1 is expected",
                    serde_json::Value::from(default_rate)
                ),
            ));
        }
        let text = if rates_json.trim().is_empty() { "{}" } else { rates_json };
        let wanted = "a JSON object from ARC classes to numbers from 0 to 1 is expected";
        let refused = |found: String| {
            Error::new(Status::Argument, format!("option \"sample_rates\": {found}, {wanted}"))
        };
        let rates = match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(rates)) => rates,
            Ok(other) => return Err(refused(other.to_string())),
            Err(error) => return Err(refused(format!("{text:?} ({error})"))),
        };
        let by_class = rates.into_iter().map(|(class, rate)| match rate.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => Ok((class.into_boxed_str(), number)),
            _ => Err(refused(format!("{rate} for class {class:?}"))),
        });
        Ok(Sampling { default_rate, by_class: by_class.collect::<Result<_>>()? })
    }

    /// Whether every context is kept.
    pub(crate) fn keeps_all(&self) -> bool {
        self.default_rate >= 1.0 && self.by_class.iter().all(|&(_, rate)| rate >= 1.0)
    }

    /// Whether the context is kept. The same id always gets the same answer at the same rate.
    pub fn keeps(&self, class: Option<&str>, main_context_id: &str) -> bool {
        let own = class.and_then(|class| self.by_class.iter().find(|(name, _)| **name == *class));
        let rate = own.map_or(self.default_rate, |&(_, rate)| rate);
        rate >= 1.0 || float_mode::in_default(|| share(main_context_id) <= rate)
    }
}

/// Where an id stands between 0 and 1: its SHA-224 as a big-endian integer, modulo `STEPS`.
fn share(id: &str) -> f64 {
    let hash = Sha224::digest(id.as_bytes());
    let steps = hash.iter().fold(0, |rest, &byte| (rest * 256 + u64::from(byte)) % STEPS);
    steps as f64 / STEPS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_prefixes() {
        let rules = FieldRules::new(" secret , tmp_*,,", "user*,secret", "pepper", false).unwrap();
        for (name, action) in [
            ("secret", FieldAction::Drop),
            ("secrets", FieldAction::Keep),
            ("Secret", FieldAction::Keep),
            ("tmp_", FieldAction::Drop),
            ("tmp_x", FieldAction::Drop),
            ("tmp", FieldAction::Keep),
            ("user", FieldAction::Hash),
            ("user_name", FieldAction::Hash),
            ("", FieldAction::Keep),
        ] {
            assert_eq!(rules.action(name), action, "{name}");
        }
        assert!(rules.by_name());
        assert!(!FieldRules::new(" , ", "", "salt", true).unwrap().by_name());
        assert_eq!(FieldRules::new("*", "", "", false).unwrap().action("anything"), FieldAction::Drop);
        assert!(!format!("{rules:?}").contains("pepper"));
    }

    #[test]
    fn a_star_elsewhere_is_refused() {
        for list in ["a*b", "*a", "a**", "x,a*b"] {
            let error = FieldRules::new("", list, "", false).unwrap_err();
            assert_eq!(error.status(), Status::Argument);
            assert!(error.detail().starts_with("option \"hash_fields\": \""), "{error}");
        }
    }

    #[test]
    fn digests_are_salted() {
        let plain = FieldRules::new("", "a", "", false).unwrap().digest(b"abc");
        assert_eq!(&plain, b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(FieldRules::new("", "a", "ab", false).unwrap().digest(b"c"), plain);
    }

    #[test]
    fn shares_of_known_ids() {
        for (id, expected) in [
            ("a", 0.3363797),
            ("b", 0.8422679),
            ("c", 0.3645018),
            ("CONTEXT_1", 0.2948243),
            ("x.y", 0.7999702),
            ("zzz", 0.2256641),
        ] {
            assert_eq!(share(id), expected, "{id}");
            assert!(Sampling::new(expected, "").unwrap().keeps(None, id));
            assert!(!Sampling::new(expected - 1e-7, "").unwrap().keeps(None, id));
        }
    }

    #[test]
    fn classes_have_rates_of_their_own() {
        let sampling = Sampling::new(0.0, r#"{"A": 1, "B": 0.5}"#).unwrap();
        assert!(sampling.keeps(Some("A"), "b"));
        assert!(sampling.keeps(Some("B"), "a") && !sampling.keeps(Some("B"), "b"));
        assert!(!sampling.keeps(Some("C"), "a") && !sampling.keeps(None, "a"));
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn a_context_is_kept_or_not_in_every_mode_of_the_host() {
        // Their shares are the rates themselves, which no mode but one divides alike.
        let ids = [("run-11211920", 0.3), ("run-41265159", 0.7)];
        assert_eq!(ids.map(|(id, _)| share(id)), [0.3, 0.7]);
        let samplings = ids.map(|(_, rate)| Sampling::new(rate, "").unwrap());
        float_mode::in_each_mode(|name| {
            for (sampling, (id, _)) in samplings.iter().zip(ids) {
                assert!(sampling.keeps(None, id), "{id} {name}");
            }
        });
    }

    #[test]
    fn rates_are_checked() {
        for (rate, text) in [
            (-0.1, "{}"),
            (1.1, "{}"),
            (f64::NAN, "{}"),
            (1.0, "[]"),
            (1.0, "{"),
            (1.0, r#"{"A":1.5}"#),
            (1.0, r#"{"A":"1"}"#),
        ] {
            let error = Sampling::new(rate, text).unwrap_err();
            assert_eq!(error.status(), Status::Argument, "{error}");
            assert!(error.detail().starts_with("option \"sample_rate"), "{error}");
        }
    }
}
