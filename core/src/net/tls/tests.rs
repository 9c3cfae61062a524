//! Sessions against a server in this process, and files that cannot be used.

mod observing;
pub(crate) mod peer;
mod tickets;

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use peer::{Authority, Folder, NAME, Server, TlsStream, Ways, config, settings, text};
use rustls::version::{TLS12, TLS13};

use super::Tls;
use crate::net::socket::Stream;
use crate::net::{Abort, Cause, Deadline, Finding, TransportError};

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

fn secured(address: SocketAddr, tls: &Tls, host: &str) -> Result<Stream, TransportError> {
    let stream = Stream::tcp(&[address], soon(), &Arc::default()).unwrap();
    stream.secure(tls, host, soon())
}

/// Reads until there are `count` bytes.
fn receive(stream: &mut Stream, count: usize) -> Result<Vec<u8>, TransportError> {
    let mut received = Vec::new();
    while received.len() < count {
        if !stream.receive(&mut received, count)? {
            assert!(stream.await_bytes(soon()));
        }
    }
    Ok(received)
}

/// Sends everything back until the other side ends.
fn echo(mut stream: TlsStream) -> io::Result<usize> {
    let mut bytes = [0; 70_000];
    let mut total = 0;
    loop {
        match stream.read(&mut bytes)? {
            0 => return Ok(total),
            count => {
                stream.write_all(&bytes[..count])?;
                total += count;
            }
        }
    }
}

#[test]
fn both_versions_and_every_kind_of_name() {
    let (authority, other) = (Authority::new("right"), Authority::new("other"));
    let folder = Folder::new();
    // Several certificates in one file, ours not the first.
    let both = other.certificate.pem() + "some text between\n" + &authority.certificate.pem();
    let ca_file = text(&folder.file("both.pem", &both));
    let tls = Tls::load(&settings([("ca_file", ca_file.clone())])).unwrap();
    let renamed = [("ca_file", ca_file), ("tls_server_name", NAME.to_owned())];
    let renamed = Tls::load(&settings(renamed)).unwrap();
    let identity = authority.issue(&[NAME, "127.0.0.1", "*.wild.test"], 2020, 2090);
    for version in [&TLS12, &TLS13] {
        let ways = Ways { version: Some(version), ..Ways::default() };
        let server = Server::tls(config(&identity, ways), 4, echo);
        for (tls, host) in
            [(&tls, NAME), (&tls, "127.0.0.1"), (&tls, "a.wild.test"), (&renamed, "elsewhere.test")]
        {
            let mut stream = secured(server.address, tls, host).unwrap();
            let mut ignored = Vec::new();
            assert!(!stream.receive(&mut ignored, 512).unwrap());
            let sent: Vec<u8> = (0..50_000_u32).map(|n| n as u8).collect();
            stream.send_all(&[&sent[..3], b"", &sent[3..]], soon()).unwrap();
            assert_eq!(receive(&mut stream, sent.len()).unwrap(), sent);
            stream.finish(soon());
        }
        assert!(server.results().into_iter().all(|echoed| echoed.unwrap() == 50_000));
    }
}

#[test]
fn whom_nobody_vouches_for_gets_not_one_byte() {
    let (authority, other) = (Authority::new("right"), Authority::new("other"));
    let namesake = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let mut of_authority = authority.identity();
    of_authority.certificate = {
        let mut params = rcgen::CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&of_authority.key).unwrap()
    };
    let pem = text(&folder.file("own.pem", &of_authority.certificate.pem()));
    let trusting_itself = Tls::load(&settings([("ca_file", pem)])).unwrap();
    for (tls, identity, expected) in [
        (&tls, other.identity(), "not issued by an authority in ca_file"),
        (&tls, namesake.identity(), "set ca_file"),
        (&tls, authority.issue(&[NAME], 2020, 2021), "expired on 2021-01-01"),
        (&tls, authority.issue(&[NAME], 2088, 2090), "not valid before 2088-01-01"),
        (
            &tls,
            authority.issue(&["a.test", "b.test"], 2020, 2090),
            "for \"a.test\", \"b.test\" and not for \"colle",
        ),
        (&trusting_itself, of_authority, "CA:TRUE"),
    ] {
        for version in [&TLS12, &TLS13] {
            let ways = Ways { version: Some(version), ..Ways::default() };
            let server = Server::tls(config(&identity, ways), 1, echo);
            let error = secured(server.address, tls, NAME).map(drop).unwrap_err();
            assert_eq!(error.cause, Cause::Configuration);
            assert!(error.text.contains(expected), "{}", error.text);
            assert!(!error.text.contains("Context"), "{}", error.text);
            assert!(server.results().into_iter().all(|echoed| echoed.is_err()));
        }
    }
}

#[test]
fn servers_that_ask_for_a_certificate_get_it_or_say_why_not() {
    let (authority, other) = (Authority::new("right"), Authority::new("other"));
    let folder = Folder::new();
    let identity = authority.identity();
    let with = |name: &str, client: &peer::Identity| {
        let mut options = folder.trusting(&authority);
        let chain = folder.file(&format!("{name}.pem"), &client.certificate.pem());
        let key = folder.file(&format!("{name}.key"), &client.key.serialize_pem());
        options.extend([("client_cert_file", text(&chain)), ("client_key_file", text(&key))]);
        Tls::load(&settings(options)).unwrap()
    };
    let nobody = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    for version in [&TLS12, &TLS13] {
        let ways = Ways { version: Some(version), clients_of: Some(&authority) };
        for (tls, expected) in [
            (with("good", &authority.identity()), None),
            (nobody.clone(), Some("set client_cert_file and client_key_file")),
            (with("other", &other.identity()), Some("unknown authority, a client_cert_file")),
            (with("old", &authority.issue(&["me"], 2020, 2021)), Some("expired, a renewed client_cert_file")),
        ] {
            let server = Server::tls(config(&identity, ways), 1, echo);
            // TLS 1.3 tells the client's fate only after the handshake.
            let answer = secured(server.address, &tls, NAME).and_then(|mut stream| {
                stream.send_all(&[b"hello"], soon())?;
                receive(&mut stream, 5)
            });
            match (answer, expected) {
                (Ok(answer), None) => assert_eq!(answer, b"hello"),
                (Err(error), Some(expected)) => {
                    assert!(error.text.contains(expected), "{}", error.text);
                    assert_eq!(error.cause, Cause::Configuration);
                }
                (answer, expected) => panic!("{answer:?} instead of {expected:?}"),
            }
        }
    }
}

#[test]
fn what_closed_a_connection_is_told_when_writing_too() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let ways = Ways { version: Some(&TLS13), clients_of: Some(&authority) };
    let server = Server::tls(config(&authority.identity(), ways), 1, echo);
    let mut stream = secured(server.address, &tls, NAME).unwrap();
    // The server is gone by now, after its alert; writing to it fails sooner or later.
    assert!(server.results().into_iter().all(|echoed| echoed.is_err()));
    let error = (0..1000).find_map(|_| stream.send_all(&[&[0; 10_000]], soon()).err()).unwrap();
    assert!(error.text.contains("client_cert_file"), "{}", error.text);
}

#[test]
fn a_name_that_no_certificate_can_carry_is_a_wrong_one() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let server = Server::plain(1, drop);
    let error = secured(server.address, &tls, "a b").map(drop).unwrap_err();
    assert!(error.text.contains("set tls_server_name"), "{}", error.text);
    assert_eq!(error.finding, Some(Finding::WrongName));
    server.results();
}

#[test]
fn other_protocols_and_silence_end_the_handshake() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let server = Server::plain(4, {
        let mut turn = 0;
        move |mut socket: TcpStream| {
            turn += 1;
            let mut bytes = [0; 4096];
            match turn {
                1 => socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap(),
                2 => return,
                _ => {}
            }
            // Until the client gives up.
            while socket.read(&mut bytes).is_ok_and(|count| count > 0) {}
        }
    });
    let error = secured(server.address, &tls, NAME).map(drop).unwrap_err();
    assert!(error.text.contains("does not answer with TLS"), "{}", error.text);
    assert_eq!(error.cause, Cause::Configuration);
    let error = secured(server.address, &tls, NAME).map(drop).unwrap_err();
    assert_eq!((error.kind, error.is_end), ("tls", false), "{}", error.text);
    let stream = Stream::tcp(&[server.address], soon(), &Arc::default()).unwrap();
    let error = stream.secure(&tls, NAME, Deadline::after(Duration::from_millis(100))).map(drop).unwrap_err();
    assert!(error.text.contains("connect_timeout_ms"), "{}", error.text);
    let abort = Arc::new(Abort::default());
    let stream = Stream::tcp(&[server.address], soon(), &abort).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            abort.fire();
        });
        let start = Instant::now();
        assert!(stream.secure(&tls, NAME, soon()).is_err());
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    });
    server.results();
}

#[test]
fn a_reset_inside_a_record_is_a_error_and_no_signal() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let server = Server::tls(config(&authority.identity(), Ways::default()), 1, |mut stream: TlsStream| {
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).unwrap();
        // The head of a record of 1000 bytes, some of it, and the end.
        stream.sock.write_all(&[0x17, 3, 3, 3, 0xe8, 1, 2, 3]).unwrap();
        socket2::SockRef::from(&stream.sock).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let mut stream = secured(server.address, &tls, NAME).unwrap();
    stream.send_all(&[b"hello"], soon()).unwrap();
    server.results();
    assert!(receive(&mut stream, 1).is_err());
    // On a thread of the library a signal stays pending, whatever the process does with it.
    let writer = crate::sys::thread::spawn("mona-test", move || {
        assert!((0..1000).any(|_| stream.send_all(&[&[0; 10_000]], soon()).is_err()));
        assert!((0..1000).any(|_| stream.send_all(&[&[0; 10_000]], soon()).is_err()));
        #[cfg(target_os = "linux")]
        assert_eq!(pending_signals(), 0);
    });
    writer.unwrap().join().unwrap();
}

/// The signals that wait for this thread, as a bit mask.
#[cfg(target_os = "linux")]
fn pending_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("SigPnd:")).unwrap();
    u64::from_str_radix(line.trim(), 16).unwrap()
}

#[test]
fn a_server_that_does_not_read_costs_the_deadline() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let (ended, wait) = std::sync::mpsc::channel::<()>();
    let server =
        Server::tls(config(&authority.identity(), Ways::default()), 1, move |mut stream: TlsStream| {
            while stream.conn.is_handshaking() {
                stream.conn.complete_io(&mut stream.sock).unwrap();
            }
            wait.recv().unwrap();
        });
    let mut stream = secured(server.address, &tls, NAME).unwrap();
    let start = Instant::now();
    let error =
        stream.send_all(&[&vec![0; 64 << 20]], Deadline::after(Duration::from_millis(200))).unwrap_err();
    assert!(error.text.contains("io_timeout_ms"), "{}", error.text);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    ended.send(()).unwrap();
    server.results();
}

#[test]
fn renewed_files_are_read_again_and_broken_ones_are_not_used() {
    let (authority, other) = (Authority::new("right"), Authority::new("other"));
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&other))).unwrap();
    let connects = || {
        let server = Server::tls(config(&authority.identity(), Ways::default()), 1, echo);
        let outcome = secured(server.address, &tls, NAME).map(|stream| stream.finish(soon()));
        server.results();
        outcome.is_ok()
    };
    assert!(!connects());
    folder.trusting(&authority);
    assert!(connects());
    folder.file("ca.pem", "half a cert");
    assert!(connects());
}

#[test]
fn wrong_files_and_names_are_errors_that_name_the_option() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let (one, another) = (authority.identity(), authority.identity());
    let file = |name: &str, content: &str| text(&folder.file(name, content));
    let chain = file("chain", &one.certificate.pem());
    let key = file("key", &one.key.serialize_pem());
    let garbled = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    let pair = |chain: &str, key: &str| {
        vec![("client_cert_file", chain.to_owned()), ("client_key_file", key.to_owned())]
    };
    for (options, option) in [
        (vec![("ca_file", "/dev/zero".to_owned())], "ca_file"),
        (vec![("ca_file", file("garbage", "\u{1}garbage"))], "ca_file"),
        (vec![("ca_file", file("garbled", garbled))], "ca_file"),
        (vec![("ca_file", file("no", no_certificate))], "ca_file"),
        (vec![("ca_file", key.clone())], "ca_file"),
        (vec![("client_cert_file", chain.clone())], "client_key_file"),
        (vec![("client_key_file", key.clone())], "client_cert_file"),
        (pair(&key, &key), "client_cert_file"),
        (pair(&chain, &chain), "client_key_file"),
        (pair(&chain, &file("another", &another.key.serialize_pem())), "client_key_file"),
        (vec![("tls_server_name", "not a name".to_owned())], "tls_server_name"),
    ] {
        let mut all = folder.trusting(&authority);
        all.extend(options);
        let error = Tls::load(&settings(all)).unwrap_err();
        assert!(error.detail().starts_with(&format!("option \"{option}\": ")), "{error}");
        assert!(error.detail().ends_with("is expected"), "{error}");
    }
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    assert!(tls.check_host("a..b").unwrap_err().detail().contains("tls_server_name"));
    assert!(tls.check_host("::1").is_ok());
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_file_may_be_cut_off_anywhere() {
    let folder = Folder::new();
    let whole = Authority::new("one").certificate.pem() + &Authority::new("two").certificate.pem();
    for end in 0..whole.len() {
        let options = vec![("ca_file", text(&folder.file("cut.pem", &whole[..end])))];
        assert!(Tls::load(&settings(options)).is_ok(), "{end}: {:?}", &whole[..end]);
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_fifo_holds_nobody_up() {
    let folder = Folder::new();
    let authority = Authority::new("right");
    let whole = folder.trusting(&authority);
    let fifo = folder.file("fifo", "");
    std::fs::remove_file(&fifo).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // Nobody writes to it, then somebody stands at it and writes nothing.
    let tls = Tls::load(&settings(vec![("ca_file", text(&fifo))])).unwrap();
    assert!(tls.config().is_err());
    let open = |is_reader: bool| std::fs::OpenOptions::new().read(is_reader).write(true).open(&fifo).unwrap();
    let mut writer = open(true);
    assert!(tls.config().unwrap_err().detail().starts_with("option \"ca_file\": "));

    // One that writes in parts is read to its end.
    let pem = std::fs::read(&whole[0].1).unwrap();
    let (first, second) = pem.split_at(100);
    writer.write_all(first).unwrap();
    let mut other = open(false);
    drop(writer);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| tls.config().is_ok());
        std::thread::sleep(Duration::from_millis(50));
        // Refused until the reader is there, which a busy machine may bring later.
        let until = Instant::now() + Duration::from_secs(60);
        while other.write_all(second).is_err() {
            assert!(Instant::now() < until, "nobody reads");
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(other);
        assert!(reading.join().unwrap());
    });
}

#[test]
fn the_name_in_the_options_is_that_of_the_collector_alone() {
    let folder = Folder::new();
    let mut all = folder.trusting(&Authority::new("any"));
    all.push(("tls_server_name", NAME.to_owned()));
    let tls = Tls::load(&settings(all)).unwrap();
    let name = |tls: &Tls| tls.server_name("other.test").map(|name| name.to_str().into_owned());
    assert_eq!(name(&tls).as_deref(), Some(NAME));
    assert_eq!(name(&tls.of_others()).as_deref(), Some("other.test"));
    assert!(tls == tls.clone() && tls != tls.of_others());
}
