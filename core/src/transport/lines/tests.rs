//! Lines through files and FIFOs that fail half-way.

use std::fs::{self, File as Opened, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use super::*;
use crate::encode::Output as Encoded;
use crate::encode::msgpack;
use crate::encode::record::{self, RecordPrefix, Shape};
use crate::transport::Transport as _;
use crate::transport::file::File;

/// A chunk of records with messages of these lengths.
fn chunk(claim: u64, lengths: &[usize]) -> Chunk {
    let head = RecordPrefix::new("u-1", "c", Shape::default());
    let mut body = Vec::new();
    for length in lengths {
        Encoded::to(&mut body, |out| record::begin(out, &head, 1_700_000_000));
        msgpack::map_header(&mut body, 1);
        msgpack::text(&mut body, "m");
        msgpack::text(&mut body, &"x".repeat(*length));
        Encoded::to(&mut body, |out| record::finish(out, 1_700_000_000));
    }
    Chunk::new(claim, body, 0, lengths.len())
}

/// The lines of the chunk as they are when nothing goes wrong.
fn text_of(chunk: &Chunk) -> String {
    let mut text = Vec::new();
    entries(chunk.body()).for_each(|entry| line(&mut text, entry));
    String::from_utf8(text).unwrap()
}

fn moment() -> Deadline {
    Deadline::after(Duration::from_millis(20))
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

#[test]
fn a_pipe_gets_as_many_whole_lines_as_it_takes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = Opened::create(folder.path().join("any")).unwrap();
    let mut lines = Lines::default();
    let lengths = [100, 1500, 2000, 10_000, 3];
    lines.load(&chunk(1, &lengths), &Output::of(file.as_raw_fd()).unwrap());
    let (mut seen, mut is_cut) = (Vec::new(), Vec::new());
    while let Some(piece) = lines.piece(4096) {
        assert!(piece.len() <= 4096);
        seen.extend_from_slice(piece);
        lines.written += piece.len();
        is_cut.push(lines.is_cut());
    }
    assert_eq!(String::from_utf8(seen).unwrap(), text_of(&chunk(1, &lengths)));
    assert_eq!(is_cut, [false, true, true, false]);
}

/// Cuts the first line of a chunk in a file after ten bytes, which a failed write leaves.
fn cut(path: &Path, whole: &Chunk) -> (Lines, Opened) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    let mut lines = Lines::default();
    lines.load(whole, &Output::of(file.as_raw_fd()).unwrap());
    file.write_all(&lines.text[..10]).unwrap();
    lines.written = 10;
    lines.cut = Some(Place::of(&Output::of(file.as_raw_fd()).unwrap()));
    (lines, file)
}

fn write(lines: &mut Lines, chunk: &Chunk, file: &Opened) {
    let output = Output::of(file.as_raw_fd()).unwrap();
    lines.write(chunk, &output, None, soon(), &Abort::default()).unwrap();
}

#[test]
fn a_line_goes_on_behind_its_own_part_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records");
    let (one, two) = (chunk(1, &[50, 60]), chunk(2, &[70]));
    let whole = text_of(&one);

    let (mut lines, file) = cut(&path, &one);
    write(&mut lines, &one, &file);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole, "nobody wrote in between");

    fs::remove_file(&path).unwrap();
    let (mut lines, file) = cut(&path, &one);
    (&file).write_all(b"of another\n").unwrap();
    write(&mut lines, &one, &file);
    let expected = format!("{}of another\n\n{whole}", &whole[..10]);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);

    fs::remove_file(&path).unwrap();
    let (mut lines, _) = cut(&path, &one);
    let other = Opened::create(folder.path().join("other")).unwrap();
    write(&mut lines, &one, &other);
    assert_eq!(fs::read_to_string(folder.path().join("other")).unwrap(), whole, "another file");

    fs::remove_file(&path).unwrap();
    let (mut lines, file) = cut(&path, &one);
    write(&mut lines, &two, &file);
    let expected = format!("{}\n{}", &whole[..10], text_of(&two));
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "another chunk");
}

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

fn reader(path: &Path) -> Opened {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).unwrap()
}

/// Everything that is there to be read.
fn drain(reader: &mut Opened) -> Vec<u8> {
    let mut text = Vec::new();
    // The end, or nothing for now.
    let _ = reader.read_to_end(&mut text);
    text
}

fn is_patient(error: &TransportError) -> bool {
    matches!(error.cause, Cause::Busy { .. })
}

#[test]
fn a_fifo_is_kept_and_a_line_whose_reader_goes_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let mut file = File::new(path.clone(), Arc::default());
    let error = file.connect(soon()).unwrap_err();
    assert!(is_patient(&error) && error.text.contains("nobody reads it"), "{}", error.text);

    // A reader that stalls gets the rest when it goes on.
    let chunk = chunk(1, &[200_000]);
    let whole = text_of(&chunk);
    let mut first = reader(&path);
    file.connect(soon()).unwrap();
    let error = file.send(&chunk, moment()).unwrap_err();
    assert!(is_patient(&error) && file.is_connected(), "{}", error.text);
    let mut text = drain(&mut first);
    assert!(!text.is_empty() && whole.as_bytes().starts_with(&text));
    while file.send(&chunk, moment()).is_err() {
        text.extend(drain(&mut first));
    }
    text.extend(drain(&mut first));
    assert_eq!(String::from_utf8(text).unwrap(), whole);

    // One that goes in the middle of a line takes its part along; the next one gets the line whole.
    assert!(is_patient(&file.send(&chunk, moment()).unwrap_err()));
    drop(first);
    // A child that another test is just starting has copies of all descriptors until it runs its program.
    let until = soon();
    let mut error = file.send(&chunk, moment()).unwrap_err();
    while file.is_connected() {
        assert!(!until.is_over(), "{}", error.text);
        error = file.send(&chunk, moment()).unwrap_err();
    }
    assert!(is_patient(&error), "{}", error.text);
    // So what it had is still there, where a copy of our own end is.
    drain(&mut reader(&path));
    let mut second = reader(&path);
    let mut text = Vec::new();
    file.connect(soon()).unwrap();
    while file.send(&chunk, moment()).is_err() {
        text.extend(drain(&mut second));
    }
    text.extend(drain(&mut second));
    assert_eq!(String::from_utf8(text).unwrap(), whole);
}

#[test]
fn no_file_is_made_where_a_fifo_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let mut file = File::new(path.clone(), Arc::default());
    let first = reader(&path);
    file.connect(soon()).unwrap();
    drop(first);
    fs::remove_file(&path).unwrap();
    file.disconnect();
    assert!(is_patient(&file.connect(soon()).unwrap_err()));
    assert!(!path.exists());
}

#[test]
fn an_abort_ends_the_wait_for_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let abort = Arc::new(Abort::default());
    let mut file = File::new(path.clone(), Arc::clone(&abort));
    let _reader = reader(&path);
    file.connect(soon()).unwrap();
    let waiting = std::thread::spawn(move || file.send(&chunk(1, &[200_000]), soon()).unwrap_err());
    std::thread::sleep(Duration::from_millis(50));
    abort.fire();
    assert!(is_patient(&waiting.join().unwrap()));
}

#[test]
fn a_time_has_a_fraction_where_the_entry_has_one() {
    let shape = Shape { is_precise: true, ..Shape::default() };
    let head = RecordPrefix::new("u-1", "c", shape);
    for (now, shown) in [
        (1_700_000_000_123_456_789, "1700000000.123456789"),
        (1_700_000_000_000_000_001, "1700000000.000000001"),
        (1_700_000_000_007_000_000, "1700000000.007"),
        (1_700_000_000_000_000_000, "1700000000.000"),
        // Before the extension begins.
        (-1, "-1"),
    ] {
        let mut body = Vec::new();
        Encoded::to(&mut body, |out| record::begin_precisely(out, &head, Moment::at(now)));
        body.push(0x80);
        Encoded::to(&mut body, |out| record::finish(out, 1_700_000_000));
        let mut text = Vec::new();
        append_lines(&mut text, &body);
        let expected = format!(
            "{{\"tag\":\"mona.client.message\",\"time\":{shown},\"record\":{{\"user_id\":\"u-1\",\"context\":\"c\",\"message\":{{}},\"export_timestamp\":1700000000}}}}\n"
        );
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
