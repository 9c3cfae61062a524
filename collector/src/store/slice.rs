//! Records that are merged in memory before rows are written: a few hundred at a time.
//!
//! What one context was sent in a slice becomes one row of its class and one row of raw events. Everything
//! lies where it arrived until the row is written.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::ops::Range;

use siphasher::sip::SipHasher13;

use super::contexts::Sums;
use super::incoming::Incoming;
use super::live::OF_A_SLICE;
use super::names::shortened;
use crate::proto::forward::json::Floats;
use crate::proto::malformed::Malformed;
use crate::proto::scalar::Scalar;
use crate::proto::view::{Fields, View};

/// Contexts nest a few levels; deeper segments become one.
const MAX_SEGMENTS: usize = 64;
/// Bytes of a context id that are kept; a longer one is cut and ends in a sum of the whole.
pub(crate) const MAX_CONTEXT: usize = 512;

/// What one context was sent.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    /// The full id, as it is stored.
    pub(crate) context: Cow<'a, str>,
    /// The place of the context around it.
    pub(crate) parent: Option<usize>,
    /// The place of its main context.
    pub(crate) main: usize,
    pub(crate) class: Option<Cow<'a, str>>,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) events: u32,
    pub(crate) fields: Vec<(Cow<'a, str>, View<'a>)>,
    pub(crate) globals: Vec<(Cow<'a, str>, View<'a>)>,
    /// The sum of its id.
    pub(crate) sum: u64,
    /// Where its raw events are: JSON lists of time, tag and message, a comma behind each.
    pub(crate) raw: Vec<Range<usize>>,
}

/// Records that are merged.
#[derive(Debug)]
pub(crate) struct Slice<'a> {
    key: SipHasher13,
    pub(crate) contexts: Vec<Pending<'a>>,
    by_sum: HashMap<u64, usize, Sums>,
    /// The context of the last record, which the next one often has too.
    last: Option<(Cow<'a, str>, usize)>,
    /// The raw events of all contexts.
    pub(crate) raw: Vec<u8>,
    pub(crate) records: usize,
    /// The youngest events: their context, and where they are in its raw events.
    pub(crate) tail: VecDeque<(usize, Range<usize>)>,
}

impl<'a> Slice<'a> {
    /// An empty one; the key makes the sums of context ids.
    pub(crate) fn new(key: SipHasher13) -> Slice<'a> {
        Slice {
            key,
            contexts: Vec::new(),
            by_sum: HashMap::default(),
            last: None,
            raw: Vec::new(),
            records: 0,
            tail: VecDeque::new(),
        }
    }

    /// Merges a record in; false if it has no context or no message.
    pub(crate) fn add(&mut self, record: Incoming<'a>) -> Result<bool, Malformed> {
        let (Some(context), Some(message)) = (record.context, record.message) else { return Ok(false) };
        let Some(fields) = message.fields()? else { return Ok(false) };
        let context = match context.len() <= MAX_CONTEXT {
            true => context,
            false => Cow::Owned(shortened(&context, MAX_CONTEXT).into_owned()),
        };
        let at = match &self.last {
            Some((last, at)) if *last == context => *at,
            _ => {
                let at = self.place(&context, record.time);
                self.last = Some((context, at));
                at
            }
        };
        let Some(pending) = self.contexts.get_mut(at) else { return Ok(false) };
        let before = self.raw.len();
        if let Err(malformed) = raw(&mut self.raw, record.time, record.tag, message) {
            self.raw.truncate(before);
            return Err(malformed);
        }
        let end = self.raw.len();
        match pending.raw.last_mut() {
            Some(last) if last.end == before => last.end = end,
            _ => pending.raw.push(before..end),
        }
        if self.tail.len() >= OF_A_SLICE {
            self.tail.pop_front();
        }
        // Without the comma.
        self.tail.push_back((at, before..end - 1));
        self.records += 1;
        let globals = pending.take(fields, record.class);
        let main = pending.main;
        pending.events += 1;
        pending.first = pending.first.min(record.time);
        pending.last = pending.last.max(record.time);
        if let Some(main) = self.contexts.get_mut(main) {
            main.first = main.first.min(record.time);
            main.last = main.last.max(record.time);
            main.globals.extend(globals);
        }
        self.set_user(at, record.user);
        Ok(true)
    }

    fn main_of(&self, at: usize) -> usize {
        self.contexts.get(at).map_or(at, |pending| pending.main)
    }

    /// The user id is that of the context and, for it is the latest, that of the whole ARC.
    fn set_user(&mut self, at: usize, user: Option<Cow<'a, str>>) {
        let Some(user) = user else { return };
        let main = self.main_of(at);
        if main != at
            && let Some(main) = self.contexts.get_mut(main)
            && main.user.as_ref() != Some(&user)
        {
            main.user = Some(user.clone());
        }
        if let Some(pending) = self.contexts.get_mut(at) {
            pending.user = Some(user);
        }
    }

    /// The place of a context; those around it get one too.
    #[expect(clippy::ptr_arg, reason = "what is cut out of it borrows for as long as it does")]
    fn place(&mut self, context: &Cow<'a, str>, time: f64) -> usize {
        let sum = self.key.hash(context.as_bytes());
        if let Some(at) = self.by_sum.get(&sum) {
            return *at;
        }
        let mut parent = None;
        let mut main = None;
        let mut from = 0;
        for segment in 1..=MAX_SEGMENTS {
            let rest = context.get(from..).unwrap_or_default();
            let dot = rest.find('.').filter(|_| segment < MAX_SEGMENTS);
            let end = dot.map_or(context.len(), |dot| from + dot);
            let at = match dot {
                // Those around it are cut out of its id.
                Some(_) => {
                    let around = cut(context, end);
                    self.own(self.key.hash(around.as_bytes()), around, parent, main, time)
                }
                None => self.own(sum, context.clone(), parent, main, time),
            };
            main = main.or(Some(at));
            parent = Some(at);
            from = end + 1;
            if dot.is_none() {
                break;
            }
        }
        parent.unwrap_or_default()
    }

    fn own(
        &mut self,
        sum: u64,
        context: Cow<'a, str>,
        parent: Option<usize>,
        main: Option<usize>,
        time: f64,
    ) -> usize {
        if let Some(at) = self.by_sum.get(&sum) {
            return *at;
        }
        let at = self.contexts.len();
        self.contexts.push(Pending {
            context,
            sum,
            parent,
            main: main.unwrap_or(at),
            class: None,
            user: None,
            first: time,
            last: time,
            events: 0,
            fields: Vec::new(),
            globals: Vec::new(),
            raw: Vec::new(),
        });
        self.by_sum.insert(sum, at);
        at
    }
}

/// The id up to here, borrowed where the whole is.
fn cut<'a>(id: &Cow<'a, str>, end: usize) -> Cow<'a, str> {
    match id {
        Cow::Borrowed(id) => Cow::Borrowed(id.get(..end).unwrap_or_default()),
        Cow::Owned(id) => Cow::Owned(id.get(..end).unwrap_or_default().to_owned()),
    }
}

impl<'a> Pending<'a> {
    /// Gives the globals among the fields, which are those of the whole ARC.
    fn take(&mut self, fields: Fields<'a>, class: Option<Cow<'a, str>>) -> Fields<'a> {
        let mut globals = Vec::new();
        if class.is_some() {
            self.class = class;
        }
        for (name, value) in fields {
            match name.as_ref() {
                "MONA_ARC_CLASS" => match value.as_text() {
                    Some(class) if !class.is_empty() => self.class = Some(class),
                    Some(_) => {}
                    None => self.fields.push((name, value)),
                },
                "MONA_GLOBALS" if matches!(value.scalar(), Scalar::Object) => {
                    globals.extend(value.fields().ok().flatten().unwrap_or_default());
                }
                _ => self.fields.push((name, value)),
            }
        }
        globals
    }
}

/// `[time,"tag",message],`
fn raw(out: &mut Vec<u8>, time: f64, tag: &str, message: View<'_>) -> Result<(), Malformed> {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "[{time},");
    let _ = serde_json::to_writer(&mut *out, tag);
    out.push(b',');
    message.write_json(Floats::Null, out)?;
    out.extend_from_slice(b"],");
    Ok(())
}
