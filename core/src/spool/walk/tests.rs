//! Spools made by hand: what is shown of them, and that nothing of them changes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::PathBuf;

use super::super::format::{Ack, segment_header};
use super::*;

const UUID: u128 = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;
const NAME: &str = "00112233-4455-6677-8899-aabbccddeeff";

/// A spool with one instance.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Site {
        let site = Site { folder: tempfile::tempdir().unwrap() };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(site.instance()).unwrap();
        fs::write(site.instance().join("lock"), "").unwrap();
        site
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    fn instance(&self) -> PathBuf {
        self.dir().join("v1").join(NAME)
    }

    fn file(&self, number: u32, ending: &str) -> PathBuf {
        self.instance().join(format!("{number:016}.{ending}"))
    }

    /// Writes a segment with a record of two events for each body; where they begin, and the end.
    fn segment(&self, number: u32, bodies: &[&[u8]]) -> Vec<usize> {
        let mut bytes = segment_header(UUID, number).to_vec();
        let mut offsets = Vec::new();
        for body in bodies {
            offsets.push(bytes.len());
            let header = RecordHeader::of_chunk([number as u8; 16], false, 2, 0, body).unwrap();
            bytes.extend(header.bytes(seed(UUID, number), *offsets.last().unwrap() as u32));
            bytes.extend(*body);
        }
        offsets.push(bytes.len());
        fs::write(self.file(number, "seg"), bytes).unwrap();
        offsets
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.file(number, "seg");
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    }

    fn ack(&self, number: u32, offset: usize, body: &[u8]) {
        let seed = seed(UUID, number);
        let header = RecordHeader::of_chunk([number as u8; 16], false, 2, 0, body).unwrap();
        let mark = header.mark(seed, offset as u32);
        let ack = Ack { offset: offset as u32, mark, events: 2 };
        fs::write(self.file(number, "ack"), ack.bytes(seed)).unwrap();
    }

    /// The bodies of all records, one call each.
    fn bodies(&self) -> Vec<Vec<u8>> {
        let (mut bodies, mut after) = (Vec::new(), None);
        while let Some(record) = next(self.dir(), NAME, after).unwrap() {
            assert!(after.is_none_or(|after| after < (record.segment, record.offset)));
            after = Some((record.segment, record.offset));
            bodies.push(record.body);
        }
        bodies
    }

    fn damage(&self) -> Vec<String> {
        let verified = verify(self.dir()).unwrap();
        assert_eq!(verified.damaged, verified.damage.len() as u64);
        verified.damage.into_iter().map(|damage| format!("{}: {}", damage.file, damage.sentence)).collect()
    }

    /// Every file with its bytes.
    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = fs::read_dir(self.instance()).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect()
    }
}

fn in_file(number: u32, sentence: &str) -> String {
    format!("{NAME}/{number:016}.seg: {sentence}")
}

#[test]
fn what_waits_is_counted_and_read_in_its_order() {
    let site = Site::new();
    let offsets = site.segment(1, &[b"one", b"two", b"three"]);
    site.segment(12, &[b"four"]);
    site.segment(3, &[b"five", b""]);
    site.ack(1, offsets[1], b"two");
    // What is not ours does not count.
    fs::write(site.instance().join("1.seg"), "x").unwrap();
    symlink("lock", site.instance().join("0000000000000005.seg")).unwrap();
    fs::create_dir(site.dir().join("v1/other")).unwrap();
    let before = site.bytes();

    let found = list(site.dir()).unwrap();
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!((found.uuid.as_str(), found.is_alive), (NAME, false));
    assert_eq!((found.segments, found.records, found.events), (3, 5, 10));
    assert_eq!(found.bytes, before.values().map(|bytes| bytes.len() as u64).sum::<u64>() - 1);
    assert!(found.oldest.is_some());
    assert_eq!(site.bodies(), [&b"one"[..], b"three", b"five", b"", b"four"]);
    assert_eq!(site.damage(), [""; 0]);
    assert_eq!(site.bytes(), before);

    let lock = fs::File::open(site.instance().join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(list(site.dir()).unwrap()[0].is_alive);
}

#[test]
fn each_damaged_place_is_told_and_the_rest_is_read() {
    let site = Site::new();
    let offsets = site.segment(1, &[b"one", b"two", b"three", b"four", b"five"]);
    site.ack(1, offsets[3], b"four");
    site.change(1, |bytes| {
        bytes[9] ^= 1;
        bytes[offsets[0]] ^= 1;
        bytes[offsets[1] + 48] ^= 1;
        bytes[offsets[3] + 48] ^= 1;
        bytes.truncate(offsets[5] - 1);
    });
    site.segment(2, &[b"six"]);
    site.change(2, |bytes| bytes.truncate(10));
    let bad = site.dir().join("v1/bad");
    fs::create_dir(&bad).unwrap();
    fs::write(bad.join("some"), "").unwrap();

    assert_eq!(site.bodies(), [b"three"]);
    let at = |index: usize, bytes: usize, what: &str| {
        in_file(1, &format!("{bytes} bytes at {}, {what}", offsets[index]))
    };
    let expected = [
        in_file(1, "its header is damaged, which is read as what it has to be"),
        at(0, 51, "which are no record, are skipped"),
        at(1, 51, "a record whose contents are damaged: 2 events are lost"),
        at(3, 52, "a record whose contents are damaged, and which was delivered before"),
        at(4, 51, "a record that was not written whole, are left out"),
        in_file(2, "10 bytes at 0, it was not written whole"),
        "bad/some: set aside, nothing in it could be read".to_owned(),
    ];
    assert_eq!(site.damage(), expected);
    let found = verify(site.dir()).unwrap().found;
    assert_eq!((found[0].records, found[0].events), (1, 2), "the sound ones");

    // A process that lives may be about to write the rest.
    let lock = fs::File::open(site.instance().join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(site.damage(), [&expected[..4], &expected[6..]].concat());
}

#[test]
fn no_more_places_are_told_than_anybody_reads() {
    let site = Site::new();
    let offsets = site.segment(1, &[&b"x"[..]; 3000]);
    site.change(1, |bytes| offsets[..2999].iter().for_each(|offset| bytes[offset + 48] ^= 1));
    let verified = verify(site.dir()).unwrap();
    assert_eq!((verified.damaged, verified.damage.len()), (2999, MOST_TOLD));
    assert_eq!(site.bodies(), [b"x"]);
}

#[test]
fn what_is_not_there_or_not_ours_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert!(list(folder.path()).unwrap().is_empty());
    assert!(next(folder.path(), NAME, None).unwrap().is_none());
    let site = Site::new();
    site.segment(1, &[b"one"]);
    for other in ["", "..", "bad", "00112233-4455-6677-8899-aabbccddeefe", "a\0b"] {
        assert!(next(site.dir(), other, None).unwrap().is_none(), "{other}");
    }
    assert!(next(site.dir(), NAME, Some((1, u32::MAX))).unwrap().is_none());
    assert!(next(site.dir(), NAME, Some((u32::MAX, 0))).unwrap().is_none());
    assert_eq!(next(site.dir(), NAME, Some((0, 7))).unwrap().unwrap().body, b"one");

    let missing = folder.path().join("missing");
    let error = list(&missing).unwrap_err();
    assert_eq!(error.status(), Status::Io);
    assert!(error.detail().contains("missing: the directory cannot be opened"), "{}", error.detail());
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o770)).unwrap();
    let error = verify(folder.path()).unwrap_err();
    assert!(error.detail().contains("mode 0700"), "{}", error.detail());
}
