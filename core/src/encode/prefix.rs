//! What all records of a context begin with.

use crate::encode::arc_class::ArcClass;
use crate::encode::full_id::main_segment;
use crate::encode::msgpack::{self, Append, AppendSlice};

/// The bytes of a record before its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPrefix {
    /// All of it, with zeros behind, where one block is enough: copied without a call.
    block: [u8; BLOCK],
    /// All of it where not, with zeros behind up to a second block.
    long: Box<[u8]>,
    len: usize,
    /// The time has nanoseconds.
    is_precise: bool,
    /// Where the full id stands in them.
    id: (usize, usize),
    /// A class was wanted and none was given.
    lacks_class: bool,
}

/// Room for the prefixes of nearly all contexts: two short names for user and step beside a UUID.
pub(crate) const BLOCK: usize = 128;

// Behind the header of the entry; the time as unsigned 32 bits, patched for each record.
pub(super) const TIME_AT: usize = 2;
pub(super) const TIME_END: usize = 6;

// The same where it is an extension: seconds and nanoseconds, of 32 bits each, behind the head of that.
pub(super) const PRECISE_AT: usize = 3;
pub(super) const PRECISE_END: usize = 11;

impl RecordPrefix {
    /// The prefix of every record of one context.
    pub fn new(user_id: &str, full_id: &str, shape: Shape) -> RecordPrefix {
        RecordPrefix::of(&Parts { carried: None, user_id, full_id, shape })
    }

    /// The same for records that carry the ARC class of their context between time and record:
    /// `[time, class, record]`. Without a class there is nil in its place.
    pub fn with_class(
        user_id: &str,
        full_id: &str,
        shape: Shape,
        class: Option<&ArcClass<'_>>,
    ) -> RecordPrefix {
        let class = class.filter(|class| !class.is_empty());
        let prefix = RecordPrefix::of(&Parts { carried: Some(class), user_id, full_id, shape });
        RecordPrefix { lacks_class: class.is_none(), ..prefix }
    }

    fn of(parts: &Parts<'_>) -> RecordPrefix {
        let mut short = Block { bytes: [0; BLOCK], len: 0 };
        let id = parts.append(&mut short, |block| block.len);
        let mut long = Vec::new();
        if short.len > BLOCK {
            short.bytes = [0; BLOCK];
            long.reserve_exact(short.len.max(2 * BLOCK));
            parts.append(&mut long, Vec::len);
            long.resize(short.len.max(2 * BLOCK), 0);
        }
        let is_precise = parts.shape.is_precise;
        RecordPrefix {
            block: short.bytes,
            long: long.into(),
            len: short.len,
            is_precise,
            id,
            lacks_class: false,
        }
    }

    /// The full id of the context.
    pub(crate) fn full_id(&self) -> &str {
        let (start, end) = self.id;
        self.bytes().get(start..end).and_then(|id| str::from_utf8(id).ok()).unwrap_or_default()
    }

    /// Whether a class was wanted and none was given.
    pub(crate) fn lacks_class(&self) -> bool {
        self.lacks_class
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> &[u8] {
        let whole = if self.len <= BLOCK { &self.block[..] } else { &self.long };
        whole.get(..self.len).unwrap_or_default()
    }

    /// All of it in a block with zeros behind, the bytes that count, and where the time of a record goes; where it is not
    /// longer than that.
    #[inline(always)]
    pub(crate) fn as_block(&self) -> Option<(&[u8; BLOCK], usize, usize)> {
        (self.len <= BLOCK).then_some((&self.block, self.len, TIME_AT))
    }

    /// The same for one that takes two blocks, the second one with the bytes that count in it.
    pub(crate) fn as_two_blocks(&self) -> Option<(&[u8; BLOCK], &[u8; BLOCK], usize, usize)> {
        let (first, rest) = self.long.split_first_chunk()?;
        let count = self.len.checked_sub(BLOCK).filter(|count| *count <= BLOCK)?;
        Some((first, rest.first_chunk()?, count, TIME_AT))
    }

    /// Whether its records have their time in nanoseconds.
    pub(crate) fn is_precise(&self) -> bool {
        self.is_precise
    }
}

/// What the records of a client have beside what all have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// The event's id, as the last key.
    pub has_event_id: bool,
    /// The id of the main context, behind that of the context.
    pub has_arc_id: bool,
    /// Their time has nanoseconds.
    pub is_precise: bool,
}

/// What a prefix is made of.
struct Parts<'p> {
    /// The class, or none, where records carry one.
    carried: Option<Option<&'p ArcClass<'p>>>,
    user_id: &'p str,
    full_id: &'p str,
    shape: Shape,
}

impl Parts<'_> {
    /// Appends all of them; gives where the full id stands in them.
    #[inline(always)]
    fn append<O: AppendSlice>(&self, out: &mut O, len: impl Fn(&O) -> usize) -> (usize, usize) {
        msgpack::array_header(out, 2 + usize::from(self.carried.is_some()));
        if self.shape.is_precise {
            out.append([0; PRECISE_END - 1]);
        } else {
            out.append([msgpack::UINT32, 0, 0, 0, 0]);
        }
        match self.carried {
            Some(Some(class)) => class.append(out),
            Some(None) => msgpack::nil(out),
            None => {}
        }
        let more = usize::from(self.shape.has_event_id) + usize::from(self.shape.has_arc_id);
        msgpack::map_header(out, 4 + more);
        out.append(const { msgpack::short_text::<8>("user_id") });
        msgpack::text(out, self.user_id);
        out.append(const { msgpack::short_text::<8>("context") });
        msgpack::text(out, self.full_id);
        let end = len(out);
        if self.shape.has_arc_id {
            out.append(const { msgpack::short_text::<7>("arc_id") });
            msgpack::text(out, main_segment(self.full_id));
        }
        out.append(const { msgpack::short_text::<8>("message") });
        (end - self.full_id.len(), end)
    }
}

/// A block that takes what has room in it; the length counts what had none, too.
struct Block {
    bytes: [u8; BLOCK],
    len: usize,
}

impl Append for Block {
    #[inline(always)]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *place = bytes;
        }
        self.len += N;
    }

    #[inline(always)]
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.append([tag]);
        self.append(bytes);
    }
}

impl AppendSlice for Block {
    #[inline(always)]
    fn append_slice(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.len += bytes.len();
    }
}
