//! What it says when a step fails, for each kind of endpoint.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;

use mona_collector::{Handshake, Service};

use super::peers::serve;
use super::tool::{Said, as_nobody, doctor, give_to_nobody, json};

#[track_caller]
pub(crate) fn fails(status: i32, endpoint: &str, more: &[&str]) -> Said {
    let endpoint = format!("endpoint={endpoint}");
    doctor(status, &[], &[&["-o", &endpoint], more].concat())
}

#[test]
fn a_socket_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "").unwrap();
    drop(UnixListener::bind(at("left")).unwrap());
    let _datagrams = UnixDatagram::bind(at("datagrams")).unwrap();
    for (name, words) in [
        ("none", "there is no socket \""),
        ("none/none", "the folder \""),
        ("file", "is a file and no socket"),
        (".", "is a folder and no socket"),
        ("left", "nobody listens at the socket \""),
        ("datagrams", "is a socket of datagrams and none of streams"),
    ] {
        let said = fails(1, &format!("unix://{}", at(name).display()), &[]);
        said.has("connect FAILED");
        said.has(words);
        said.has("try Start the collector, or name the path where it makes its socket.");
        said.has("options endpoint");
        said.has_not("dig SRV");
    }
}

#[test]
fn a_file_that_cannot_be_made_is_no_check_at_all() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (name, words, advice) in [
        ("none/records", "does not exist", "Make the folder: libmona makes the file"),
        (".", "it is a folder", "Name a file in that folder"),
        ("file/records", "a part of its path is no folder", "A part of the path is a file and no folder"),
        (
            "file/none/records",
            "a part of its path is no folder",
            "A part of the path is a file and no folder",
        ),
    ] {
        let endpoint = format!("file://{}", folder.path().join(name).display());
        let said = fails(2, &endpoint, &[]);
        let flat = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains(words) && flat.contains("mona-doctor: no client: option \"endpoint\": "),
            "{flat}"
        );
        said.has_not("no client was made");
        assert!(flat.contains(&format!("try: {advice}")), "{flat}");
        let report = json(2, &[], &["-o", &format!("endpoint={endpoint}")]);
        assert!(report["error"].as_str().unwrap().contains(words), "{report}");
        assert_eq!((&report["well"], &report["check"]), (&false.into(), &serde_json::json!([])), "{report}");
    }
    // What is wrong with the URL is no matter of folders.
    for url in ["file:/tmp/x", "file:///", "file:///tmp/"] {
        let said = fails(2, url, &[]);
        assert!(said.err.contains("option \"endpoint\"") && !said.err.contains("try:"), "{}", said.err);
    }
}

/// The rights of root are no matter here: the tool runs as nobody.
#[test]
fn a_path_without_the_right_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (locked.as_path(), 0o555)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let said = as_nobody(
        2,
        folder.path(),
        &["-o", &format!("endpoint=file://{}", locked.join("records").display())],
    );
    let flat = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("no permission to make it in"), "{flat}");
    assert!(flat.contains("try: Give this user the right to write there"), "{flat}");
    let spool = locked.join("spool");
    let spool_dir = format!("spool_dir={}", spool.display());
    let said = as_nobody(0, folder.path(), &["-o", "endpoint=stdout:", "-o", &spool_dir]);
    said.has("not there, and no spool: ");
    said.has("no folder can be made in it, user ");
    said.has("has no right to write there");
    said.has("1 warning above.");
    // What is there already and takes nothing more.
    fs::set_permissions(&locked, Permissions::from_mode(0o700)).unwrap();
    fs::create_dir(&spool).unwrap();
    fs::set_permissions(&spool, Permissions::from_mode(0o500)).unwrap();
    give_to_nobody(&spool);
    fs::set_permissions(&locked, Permissions::from_mode(0o755)).unwrap();
    let said = as_nobody(0, folder.path(), &["-o", "endpoint=stdout:", "-o", &spool_dir]);
    said.has("no spool: ");
    said.has("no spool can be made in it, user ");
}

#[test]
fn a_place_where_no_spool_can_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("link")).unwrap();
    for (dir, words) in [
        (at("none/spool"), "libmona makes the last folder of spool_dir and none above it"),
        (at("file/spool"), "Not a directory"),
        (at("link"), "is a symbolic link, the folder itself is expected"),
        ("/proc/x".to_owned(), "no folder can be made in it"),
    ] {
        let spool = format!("spool_dir={dir}");
        let said = fails(0, "stdout:", &["-o", &spool]);
        said.has(words);
        said.has("1 warning above.");
        said.has_not("not there yet");
        let report = json(0, &[], &["-o", "endpoint=stdout:", "-o", &spool]);
        assert_eq!(report["warnings"], 1, "{report}");
        assert!(report["spool"]["error"].as_str().is_some_and(|error| error.contains(words)), "{report}");
    }
    let spool = format!("spool_dir={}/", at("spool"));
    let said = fails(0, "stdout:", &["-o", &spool]);
    said.has("not there yet; ");
    said.has_not("warning");
    assert!(!folder.path().join("spool").exists());
}

#[test]
fn options_because_of_which_nothing_arrives() {
    for (options, words) in [
        (&["endpoint=null:"][..], "option \"endpoint\" (set): null:, which keeps nothing"),
        (&["endpoint=memory:"], "memory:, which keeps events for the program itself"),
        (&["endpoint= NULL:"], "NULL:, which keeps nothing"),
        (&["endpoint=Memory:"], "Memory:, which keeps events for the program itself"),
        (&["endpoint=stdout:", "sample_rate=0"], "option \"sample_rate\" (set): 0.0, no event is sent"),
        (&["endpoint=stdout:", "sample_rate=0", "sample_rates={}"], "(set): 0.0, no event is sent"),
        (&["endpoint=stdout:", "sample_rate=0", "sample_rates={\"a\": 0, \"b\": 0.0}"], "no event is sent"),
        (
            &["endpoint=stdout:", "disable_all=true"],
            "option \"disable_all\" (set): true, programs with these",
        ),
    ] {
        let words_of: Vec<&str> = options.iter().flat_map(|option| ["-o", option]).collect();
        let said = doctor(0, &[], &words_of);
        assert!(said.section("Settings\n").contains(words), "{}", said.out);
        said.has("Every step succeeded, and yet no event would arrive: the settings at the top say why.");
        said.has("1 warning above.");
        let report = json(0, &[], &words_of);
        assert_eq!((&report["warnings"], &report["settings"][0]["level"]), (&1.into(), &"warning".into()));
    }
    let rates = "sample_rates={\"cart\": 0, \"checkout\": 0.01}";
    let classes = ["-o", "endpoint=stdout:", "-o", "sample_rate=0", "-o", rates];
    let said = doctor(0, &[], &classes);
    said.has("no event is sent but those of classes that sample_rates gives another share");
    said.has("Every step succeeded. No event was sent.");
}

/// A file system of so little that it is full at once, gone with the value; `None` where nobody may mount one.
struct Tiny(tempfile::TempDir);

impl Tiny {
    fn new() -> Option<Tiny> {
        let folder = tempfile::tempdir().unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=64k", "mona-test"];
        let mounted = Command::new("mount").args(mount).arg(folder.path()).output().ok()?;
        if !mounted.status.success() {
            eprintln!("skipped: no small file system: {}", String::from_utf8_lossy(&mounted.stderr));
            return None;
        }
        Some(Tiny(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[test]
fn a_full_disk() {
    let Some(tiny) = Tiny::new() else { return };
    let endpoint = format!("file://{}", tiny.path().join("records").display());
    let said = fails(0, &endpoint, &[]);
    said.has("KiB free on its disk");
    let spool = format!("spool_dir={}", tiny.path().join("spool").display());
    let said = fails(0, "null:", &["-o", &spool]);
    said.has("option \"endpoint\" (set): null:, which keeps nothing: no event arrives anywhere");
    said.has(
        "not there yet; ONLY 64.0 KiB free on its disk, less than spool_bytes lets it grow (64.0 MiB in all)",
    );
    said.has("2 warnings above.");
    // The end of what there is ends the writing.
    let _ = fs::write(tiny.path().join("filling"), vec![0; 1 << 20]);
    let said = fails(1, &endpoint, &[]);
    said.has("connect FAILED");
    said.has("its disk is full, a path that this process may append to is expected");
    said.has("try Make room on that disk");
}

#[test]
fn a_disk_that_is_read_only() {
    let Some(tiny) = Tiny::new() else { return };
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(tiny.path()).status().unwrap();
    assert!(remounted.success());
    let said = fails(2, &format!("file://{}", tiny.path().join("records").display()), &[]);
    let flat = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("its file system is read-only, a path"), "{flat}");
    assert!(flat.contains("try: Name a path on a disk that is written to"), "{flat}");
    let spool = format!("spool_dir={}", tiny.path().join("spool").display());
    let said = fails(0, "stdout:", &["-o", &spool]);
    said.has("not there, and no spool: ");
    said.has("no folder can be made in it, its file system is read-only");
    said.has("1 warning above.");
}

#[test]
fn a_fifo_and_who_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let endpoint = format!("file://{}", fifo.display());
    let said = fails(0, &endpoint, &[]);
    said.has("it is a FIFO that NO process seen from here reads; events wait until one does");
    said.has("1 warning above.");
    // Both ends, so that neither opening nor reading waits.
    let mut ends = fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
    let said = fails(0, &endpoint, &[]);
    said.has(&format!("(process {})", std::process::id()));
    said.has_not("warning");
    // Looking at it is not the end to its reader.
    let mut byte = [0];
    ends.write_all(b"x").unwrap();
    ends.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"x");
}

#[test]
fn forward_over_a_network() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("tcp://{}", gone.local_addr().unwrap());
    drop(gone);
    let said = fails(1, &nobody, &[]);
    said.has("Connection refused");
    said.has("try Is the collector running");
    said.has("options endpoint, or host and port; connect_timeout_ms");
    let said = fails(1, "tcp://nobody.invalid:1", &[]);
    said.has("resolve FAILED");
    said.has("try \"getent hosts NAME\" asks the same resolver. In a container");
    let said = fails(1, "srv+tcp://_mona._tcp.nobody.invalid", &["--timeout", "20"]);
    said.has("resolve FAILED");
    said.has("try \"dig SRV _service._tcp.example.com\" asks for the same records");
    let collector = serve(Service::forward().handshake(Handshake::new("theirs")));
    let said = fails(1, &collector.endpoint(), &["-o", "shared_key=ours"]);
    said.has("authenticate FAILED");
    said.has("try Both sides need the same shared_key");
    said.has("options shared_key, username, password");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = fails(1, &format!("tcp://{}", silent.local_addr().unwrap()), &["--timeout", "1"]);
    said.has("ack FAILED");
    said.has("try Is it a Forward input, and has it a connection left?");
    said.has("needs ack=false, and then events may be lost");
}

#[test]
fn http_and_otlp() {
    let forward = serve(Service::forward());
    let place = forward.addr().unwrap();
    let said = fails(1, &format!("http://{place}/tag"), &["--timeout", "5"]);
    said.has("send FAILED");
    said.has("try No answer of HTTP came: is it the port of an HTTP input?");
    said.has("options endpoint, io_timeout_ms");
    let said = fails(1, &format!("otlp+http://{place}"), &["--timeout", "5"]);
    said.has("send FAILED");
    said.has("try No answer of HTTP came. A receiver of OTLP over HTTP is expected, port 4318 mostly; 4317 is gRPC.");
    let said = fails(
        1,
        "https://127.0.0.1:1/",
        &[
            "-o",
            "http_format=mona",
            "-o",
            "user_id=acme",
            "-o",
            "auth_url=http://127.0.0.1:1/",
            "-o",
            "api_key=k",
            "-o",
            "api_secret=s",
        ],
    );
    said.has("connect FAILED");
    said.has("try Is it running, is the port right");
}
