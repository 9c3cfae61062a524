//! Random sequences of everything that is done with spools, against a simple model of what they hold.
//!
//! The model is a list of records for each instance, with what is known of each. After each step the numbers must agree,
//! and in the end everything that was written and neither settled nor evicted is handed out, in order.

use std::collections::BTreeMap;

use super::random::Random;
use super::*;

/// Few enough that segments are evicted now and then.
const LIMIT: u64 = 4 << 20;

/// A client in the model.
struct Client {
    spool: Spool,
    /// Records that are handed out, by their number.
    out: BTreeMap<u32, Place>,
    /// What its ledger says it holds.
    owed: u64,
    last_own: Option<u32>,
}

/// What may still come, by the number of the record.
#[derive(Default)]
struct Model {
    next: u32,
    /// Written and not settled.
    held: BTreeMap<u32, u64>,
    /// Settled, by a client that then ended without a word or not: its ack may be lost only by a cut.
    settled: std::collections::BTreeSet<u32>,
    evicted: u64,
    appended: u64,
    settled_events: u64,
    unreadable: u64,
    torn_allowed: bool,
}

impl Client {
    fn new(dir: &Path) -> Client {
        let spool = spool(dir, LIMIT, SpoolSync::None);
        Client { spool, out: BTreeMap::new(), owed: 0, last_own: None }
    }

    fn note_changes(&mut self, model: &mut Model) {
        let changes = self.spool.take_changes();
        assert_eq!((changes.lost_records, changes.bad_segments, changes.unreadable_events), (0, 0, 0));
        if !model.torn_allowed {
            assert_eq!((changes.torn_bytes, changes.lost_bytes), (0, 0));
        }
        self.owed += changes.adopted_events;
        self.owed -= changes.evicted_events;
        model.evicted += changes.evicted_events;
        assert_eq!(self.spool.look().events, self.owed, "the ledger of the client");
    }

    fn append(&mut self, model: &mut Model, random: &mut Random) {
        let number = model.next;
        let len = if random.is_one_in(20) { 200_000 } else { random.below(20_000) };
        match append(&mut self.spool, number, len) {
            Ok(_) => {
                model.next += 1;
                let count = events([number]);
                model.appended += count;
                model.held.insert(number, count);
                self.owed += count;
            }
            Err(refused) => assert_eq!(refused, Refused::Full),
        }
    }

    fn take(&mut self, model: &Model, random: &mut Random) {
        let is_own = random.is_one_in(2);
        let next = if is_own { self.spool.next_own() } else { self.spool.next_adopted() };
        let Some(record) = next else { return };
        let number = checked(&record);
        assert!(model.held.contains_key(&number), "{number} was settled");
        if is_own {
            let before = self.last_own.replace(number);
            assert!(before < Some(number), "its own come in their order");
        }
        assert!(self.out.insert(number, record.place).is_none(), "{number} is handed out twice");
    }

    fn settle(&mut self, model: &mut Model, random: &mut Random) {
        let index = random.below(self.out.len());
        let Some((&number, &place)) = self.out.iter().nth(index) else { return };
        self.out.remove(&number);
        let count = model.held.remove(&number).unwrap();
        // In two parts, as of a chunk that was split.
        self.spool.settle(place, 1);
        self.spool.settle(place, count as u32);
        self.owed -= count;
        model.settled.insert(number);
        model.settled_events += count;
    }

    /// The end of a process: `is_clean` by a close. What is handed out and whose segment is gone is lost with it.
    fn end(self, model: &mut Model, is_clean: bool) {
        let held = self.spool.look();
        let gone: u64 = {
            let instances = self.spool.own.as_ref().map(|own| &own.instance);
            let all = instances.into_iter().chain(&self.spool.adopted);
            all.map(|instance| instance.evicted_out.events).sum()
        };
        assert_eq!(held.events, self.owed);
        model.evicted += gone;
        if is_clean {
            self.spool.close();
        }
    }
}

/// A process was killed while it wrote: bytes behind the last record that nobody was told of.
fn tear(dir: &Path, random: &mut Random) {
    let all = files(dir, "seg");
    let Some(path) = all.get(random.below(all.len())) else { return };
    let torn = vec![random.next() as u8; 1 + random.below(3000)];
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(torn);
    std::fs::write(path, bytes).unwrap();
}

fn play(seed: u64, steps: usize) {
    let dir = folder_in_memory();
    let mut random = Random(seed);
    let mut model = Model::default();
    let mut clients: Vec<Client> = vec![Client::new(dir.path())];
    for _ in 0..steps {
        let at = random.below(clients.len());
        match random.below(100) {
            0..55 => clients[at].append(&mut model, &mut random),
            55..72 => clients[at].take(&model, &mut random),
            72..88 => clients[at].settle(&mut model, &mut random),
            88..93 => {
                clients[at].spool.adopt();
            }
            93..96 if clients.len() < 3 => clients.push(Client::new(dir.path())),
            96..98 => {
                let is_clean = random.is_one_in(2);
                let mut client = std::mem::replace(&mut clients[at], Client::new(dir.path()));
                client.note_changes(&mut model);
                client.end(&mut model, is_clean);
                if clients.len() == 1 && !is_clean && random.is_one_in(2) {
                    model.torn_allowed = true;
                    tear(dir.path(), &mut random);
                }
            }
            _ => {}
        }
        for client in &mut clients {
            client.note_changes(&mut model);
        }
    }
    for mut client in clients {
        client.note_changes(&mut model);
        client.end(&mut model, false);
    }
    drain(dir.path(), &mut model, seed);
}

/// In the end one client drains everything.
fn drain(dir: &Path, model: &mut Model, seed: u64) {
    let mut last = Client::new(dir);
    let mut drained = 0;
    loop {
        let adopted = adopt_all(&mut last.spool);
        last.note_changes(model);
        let mut newest = BTreeMap::new();
        while let Some(record) = last.spool.next_adopted() {
            let number = checked(&record);
            let before = newest.insert(record.place.instance, number);
            assert!(before.is_none_or(|before| before < number), "seed {seed}: order");
            let count = model.held.remove(&number);
            assert!(count.is_some(), "seed {seed}: {number} was settled");
            last.spool.settle(record.place, record.events);
            last.owed -= u64::from(record.events);
            drained += u64::from(record.events);
            last.note_changes(model);
        }
        if adopted.instances == 0 {
            break;
        }
    }
    // What is left in the model is what was evicted without being handed out.
    assert_eq!(
        model.appended,
        model.settled_events + model.evicted + drained + model.unreadable,
        "seed {seed}: every event is accounted for"
    );
    assert!(instances(dir).is_empty(), "seed {seed}");
    assert!(!model.settled.is_empty());
}

#[test]
#[ignore = "slow: make test-slow"]
fn random_sequences_agree_with_the_model() {
    for seed in 0..12 {
        play(seed, 700);
    }
}

#[test]
fn a_random_sequence_of_its_own_agrees_with_the_model() {
    let seed = crate::sys::id::random_u128() as u64;
    println!("seed {seed}");
    play(seed, 1500);
}

#[test]
#[ignore = "half a minute, and several with SPOOL_RUNS=long"]
fn many_random_sequences_agree_with_the_model() {
    let seed = crate::sys::id::random_u128() as u64;
    for run in 0..if is_long() { 300 } else { 20 } {
        println!("seed {}", seed.wrapping_add(run));
        play(seed.wrapping_add(run), 2000);
    }
}
