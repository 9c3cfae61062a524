//! What is known of the keys of a thread's messages, and how it is learned and forgotten.

use crate::encode::field::AsField;
use crate::encode::filter::FieldRules;
use crate::encode::key_cache::key::Key;
use crate::encode::msgpack::Header;

/// Kinds of messages that are known at the same time: a call site each, for the few that share a thread.
const SLOTS: usize = 8;

/// Most keys of a message that are known, so that all of them together stay below 100 kB a thread.
const MOST_KEYS: usize = 128;

/// How often another message may come before known keys are given up for it. With every time that this happens in
/// one slot the number doubles: two kinds of messages that meet there and take turns would otherwise push each
/// other out for ever.
const PATIENCE: u8 = 3;

/// Most of that, and as much where nothing could be known at first: a program that has changed its ways is known
/// again soon enough.
const MOST_PATIENCE: u8 = 200;

/// Messages of a new thread before it learns: one that is started for a task of its own would hardly have time
/// to use what it knows, and leaves the memory behind.
const WARM_UP: u8 = 16;

/// The keys of one kind of message.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    pub(crate) list: Vec<Key>,
    /// Keys that are not dropped.
    pub(crate) kept: usize,
    /// What a map of as many pairs begins with.
    pub(crate) header: Header,
    /// The message has more keys, but the next one cannot be known.
    is_partial: bool,
    /// How many misses make it give way; 0 until it is learned.
    patience: u8,
    misses: u8,
}

/// What a thread knows of its messages.
#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    /// The rules under which all of them were learned.
    rules: u64,
    known: Vec<KnownKeys>,
    learning: Option<KnownKeys>,
    /// Messages that are not learned from before the first one is.
    warm_up: u8,
}

/// Where the keys of a message are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(usize);

impl Slot {
    /// For the text of an object, by what comes behind the quote of its first key.
    #[inline(always)]
    pub(crate) fn of_json(text: &[u8]) -> Slot {
        let key = text.get(2..).unwrap_or_default();
        let first = key.first_chunk().map_or(0, |first| u16::from_le_bytes(*first));
        // An odd constant without a pattern, the fraction of the golden ratio.
        Slot((first.wrapping_mul(0x9e37) >> 13) as usize % SLOTS)
    }

    /// For typed fields.
    #[inline(always)]
    pub(crate) fn of_fields(fields: &[impl AsField]) -> Slot {
        let first = fields.first().map_or(0, AsField::key_mark);
        Slot(fields.len().wrapping_add(first) % SLOTS)
    }
}

impl KeyCache {
    /// For a thread, which may be gone after a few messages.
    pub(crate) fn for_thread() -> KeyCache {
        KeyCache { warm_up: WARM_UP, ..KeyCache::default() }
    }

    /// The keys in this slot, if some are known under these rules.
    #[inline(always)]
    pub(crate) fn known_under(&self, slot: Slot, rules: &FieldRules) -> Option<&KnownKeys> {
        self.known(slot).filter(|_| self.rules == rules.number())
    }

    /// The keys in this slot, if some are known. Behind [`KeyCache::keep_only`] they are known under those rules.
    #[inline(always)]
    pub(crate) fn known(&self, slot: Slot) -> Option<&KnownKeys> {
        // Where nothing is kept there may be nothing to send.
        self.known.get(slot.0).filter(|keys| keys.kept > 0)
    }

    /// Forgets what was learned under other rules.
    pub(crate) fn keep_only(&mut self, rules: &FieldRules) {
        if self.rules != rules.number() {
            self.known.clear();
            self.rules = rules.number();
        }
    }

    /// Begins to learn the keys of a message that are not those in `slot`, but for its first `known`
    /// ones. Most messages are not learned from.
    pub(crate) fn begin(&mut self, slot: Slot, rules: &FieldRules, known: usize) {
        self.learning = None;
        if self.warm_up > 0 {
            self.warm_up -= 1;
            return;
        }
        self.keep_only(rules);
        if self.known.is_empty() {
            self.known.resize_with(SLOTS, KnownKeys::default);
        }
        let Some(keys) = self.known.get_mut(slot.0) else { return };
        if keys.patience > 0 {
            let is_all = keys.is_partial && known > 0 && known == keys.list.len();
            keys.misses = keys.misses.saturating_add(u8::from(!is_all));
            if is_all || keys.misses < keys.patience {
                return;
            }
        }
        let list = keys.list.get(..known).unwrap_or_default().to_vec();
        self.learning = Some(KnownKeys { list, ..KnownKeys::default() });
    }

    /// Whether this message is learned from.
    #[inline(always)]
    pub(crate) fn is_learning(&self) -> bool {
        self.learning.is_some()
    }

    /// Learns the next key, and whether its field is dropped; `None` where its value decides what is written.
    #[cold]
    pub(crate) fn learn(&mut self, name: &[u8], is_dropped: Option<bool>) {
        if let Some(keys) = &mut self.learning {
            keys.learn(name, is_dropped);
        }
    }

    /// Forgets what was learned from a message that failed.
    pub(crate) fn forget(&mut self) {
        self.learning = None;
    }

    /// Keeps what was learned from a message that went well; nothing when its keys were not all `different`.
    #[inline(always)]
    pub(crate) fn keep(&mut self, slot: Slot, different: bool) {
        if let Some(keys) = self.learning.take() {
            self.replace(slot, keys, different);
        }
    }

    #[cold]
    fn replace(&mut self, slot: Slot, mut keys: KnownKeys, different: bool) {
        keys.kept = keys.list.iter().filter(|key| !key.is_dropped).count();
        keys.header = Header::map(keys.kept);
        keys.list.shrink_to_fit();
        let Some(old) = self.known.get_mut(slot.0) else { return };
        keys.patience = match old.patience {
            _ if keys.kept == 0 => MOST_PATIENCE,
            0 => PATIENCE,
            before => before.saturating_mul(2).min(MOST_PATIENCE),
        };
        if different {
            *old = keys;
        } else {
            (old.misses, old.patience) = (0, keys.patience);
        }
    }
}

/// Where a message was left by the keys that were known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    /// Where the header of its map stands in the output.
    pub(crate) base: usize,
    /// Keys that were found.
    pub(crate) keys: usize,
    /// Fields of them that were written.
    pub(crate) written: usize,
    /// Where the last of these ends in the text, if there is one.
    pub(crate) at: usize,
}

impl KnownKeys {
    fn learn(&mut self, name: &[u8], is_dropped: Option<bool>) {
        let key = is_dropped.and_then(|is_dropped| Key::new(name, is_dropped));
        match key.filter(|_| !self.is_partial && self.list.len() < MOST_KEYS) {
            Some(key) => self.list.push(key),
            None => self.is_partial = true,
        }
    }

    /// Whether it may fit a message of `fields` fields.
    #[inline(always)]
    pub(crate) fn may_fit(&self, fields: usize) -> bool {
        self.list.len() == fields || self.is_partial
    }

    /// Where a message is left whose map begins at `base` and whose first `keys` keys were found.
    #[cold]
    pub(crate) fn left(&self, base: usize, keys: usize) -> Left {
        let written = self.list.iter().take(keys).filter(|key| !key.is_dropped).count();
        Left { base, keys, written, at: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(key_cache: &mut KeyCache, rules: &FieldRules, names: &[&str]) {
        key_cache.begin(Slot(3), rules, 0);
        names.iter().for_each(|name| key_cache.learn(name.as_bytes(), Some(false)));
        key_cache.keep(Slot(3), true);
    }

    #[test]
    fn keys_are_replaced_when_others_come_again_and_again() {
        let rules = FieldRules::new("x", "", "", false).unwrap();
        let (slot, mut key_cache) = (Slot(3), KeyCache::default());
        assert!(key_cache.known_under(slot, &rules).is_none());
        taught(&mut key_cache, &rules, &["a", "b"]);
        for times in 1..=PATIENCE {
            assert_eq!(key_cache.known_under(slot, &rules).unwrap().list.len(), 2, "{times}");
            taught(&mut key_cache, &rules, &["c"]);
        }
        for times in 1..=2 * PATIENCE {
            assert_eq!(key_cache.known_under(slot, &rules).unwrap().list.len(), 1, "{times}");
            taught(&mut key_cache, &rules, &["d", "e", "f"]);
        }
        assert_eq!(key_cache.known_under(slot, &rules).unwrap().list.len(), 3);
        let others = FieldRules::new("x", "", "", false).unwrap();
        assert!(key_cache.known_under(slot, &others).is_none());
    }

    #[test]
    fn what_cannot_be_known_ends_the_keys() {
        let rules = FieldRules::default();
        let (slot, mut key_cache) = (Slot(3), KeyCache::default());
        key_cache.begin(slot, &rules, 0);
        for (name, is_dropped) in [("a", Some(false)), ("b", Some(true)), ("c", None), ("d", Some(false))] {
            key_cache.learn(name.as_bytes(), is_dropped);
        }
        key_cache.keep(slot, true);
        let keys = key_cache.known_under(slot, &rules).unwrap();
        assert_eq!((keys.list.len(), keys.kept, keys.is_partial), (2, 1, true));
        // Messages that go on where the keys end are no reason to give them up.
        for _ in 0..10 {
            key_cache.begin(slot, &rules, 2);
            assert!(key_cache.learning.is_none());
        }
        key_cache.begin(Slot(0), &rules, 0);
        key_cache.learn(b"a", Some(true));
        key_cache.keep(Slot(0), true);
        assert!(key_cache.known_under(Slot(0), &rules).is_none(), "nothing would be left of the message");
    }
}
