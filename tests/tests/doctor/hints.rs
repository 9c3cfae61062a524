//! What it says when a step fails, for each kind of endpoint.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;

use mona_collector::{Handshake, Service};

use super::peers::{Web, serve};
use super::tool::{Said, doctor, json};

#[track_caller]
fn fails(status: i32, endpoint: &str, more: &[&str]) -> Said {
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
    for (name, words) in [("none/records", "does not exist"), (".", "it is a folder")] {
        let endpoint = format!("file://{}", folder.path().join(name).display());
        let said = fails(2, &endpoint, &[]);
        let flat = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains(words) && flat.contains("mona-doctor: no client: option \"endpoint\": "),
            "{flat}"
        );
        said.has_not("no client was made");
        assert!(flat.contains("try: Make the folder, or give this user the right to write there"), "{flat}");
        let report = json(2, &[], &["-o", &format!("endpoint={endpoint}")]);
        assert!(report["error"].as_str().unwrap().contains(words), "{report}");
        assert_eq!((&report["well"], &report["check"]), (&false.into(), &serde_json::json!([])), "{report}");
    }
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
    said.has(
        "not there yet; ONLY 64.0 KiB free on its disk, less than spool_bytes lets it grow (64.0 MiB in all)",
    );
    said.has("1 warning above.");
    // The end of what there is ends the writing.
    let _ = fs::write(tiny.path().join("filling"), vec![0; 1 << 20]);
    let said = fails(1, &endpoint, &[]);
    said.has("connect FAILED");
    said.has("its disk is full, a path that this process may append to is expected");
    said.has("make room on a full disk");
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
    let web = Web::new("");
    let said = fails(1, &format!("tls://127.0.0.1:{}", web.port), &["-o", "connect_timeout_ms=500"]);
    said.has("tls FAILED");
    said.has(
        "options ca_file, tls_server_name, client_cert_file, client_key_file; endpoint (tcp:// or tls://)",
    );
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = fails(1, &format!("tcp://{}", silent.local_addr().unwrap()), &["--timeout", "1"]);
    said.has("ack FAILED");
    said.has("try A collector that never acknowledges needs ack=false");
}

#[test]
fn http_and_otlp() {
    let forward = serve(Service::forward());
    let place = forward.addr().unwrap();
    let said = fails(1, &format!("http://{place}/tag"), &["--timeout", "5"]);
    said.has("send FAILED");
    said.has("options endpoint (its path), http_format, http_header, io_timeout_ms");
    let said = fails(1, &format!("otlp+http://{place}"), &["--timeout", "5"]);
    said.has("send FAILED");
    said.has("try A receiver of OTLP over HTTP is expected, port 4318 mostly; 4317 is gRPC.");
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
