//! The client over TLS and with credentials, against collectors in this process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use sha2::{Digest as _, Sha512};

use super::*;
use crate::config::Options;
use crate::encode::msgpack::{self, Head};
use crate::net::Finding;
#[cfg(feature = "tls")]
use crate::net::tls::tests::peer;

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

fn forward(options: &[(&str, &str)]) -> Forward {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).unwrap();
    }
    let settings = crate::config::resolve(&set, |_| None).settings;
    let endpoint = Endpoint::list_from_settings(&settings).unwrap().remove(0);
    Forward::new(endpoint, &settings, Arc::default())
}

/// Reads whole values and acknowledges each chunk, until the end. Gives how many came.
fn acknowledge(stream: &mut (impl Read + Write)) -> usize {
    let mut received = Vec::new();
    let mut chunks = 0;
    loop {
        while let Some(length) = msgpack::value_len(&received) {
            let id_at = received.windows(7).position(|bytes| bytes == b"\xa5chunk\xb8").unwrap() + 7;
            let mut ack = b"\x81\xa3ack\xb8".to_vec();
            ack.extend_from_slice(&received[id_at..id_at + 24]);
            stream.write_all(&ack).unwrap();
            received.drain(..length);
            chunks += 1;
        }
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(count) if count > 0 => received.extend_from_slice(&bytes[..count]),
            _ => return chunks,
        }
    }
}

/// Lets anybody in who says hello first.
fn greet(stream: &mut (impl Read + Write), keepalive: bool) {
    let mut helo = b"\x92\xa4HELO\x82\xa5nonce\xc4\x01n\xa9keepalive".to_vec();
    msgpack::boolean(&mut helo, keepalive);
    stream.write_all(&helo).unwrap();
    let mut ping = [0; 1023];
    let count = stream.read(&mut ping).unwrap();
    let (_, rest) = msgpack::read(&ping[..count]).unwrap();
    let (_, rest) = msgpack::read(rest).unwrap();
    let (_, rest) = msgpack::read(rest).unwrap();
    let Some((Head::Text(salt), _)) = msgpack::read(rest) else { panic!("{rest:?}") };
    let digest: String =
        Sha512::digest([salt, b"server", b"n", b"key"].concat()).iter().map(|b| format!("{b:02x}")).collect();
    let mut pong = b"\x95\xa4PONG\xc3\xa0\xa6server".to_vec();
    msgpack::text(&mut pong, &digest);
    stream.write_all(&pong).unwrap();
}

fn await_acked(forward: &mut Forward, chunk: &Chunk) {
    assert_eq!(forward.send(chunk, soon()).unwrap(), Sent::AwaitsAck);
    forward.await_ack(Some(chunk.id()), soon()).map_err(|error| error.text).unwrap();
}

fn plain<T: Send + 'static>(
    connections: usize,
    mut serve: impl FnMut(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, std::thread::JoinHandle<Vec<T>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread =
        std::thread::spawn(move || (0..connections).map(|_| serve(listener.accept().unwrap().0)).collect());
    (address, thread)
}

#[test]
fn a_collector_without_keepalive_gets_a_connection_for_each_chunk() {
    let (address, collector) = plain(3, |mut socket| {
        greet(&mut socket, false);
        acknowledge(&mut socket)
    });
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}")), ("shared_key", "key")]);
    forward.connect(soon()).unwrap();
    for _ in 0..3 {
        let chunk = Chunk::empty();
        await_acked(&mut forward, &chunk);
        assert!(forward.is_worn());
    }
    forward.close(soon());
    assert_eq!(collector.join().unwrap(), [1, 1, 1]);
}

#[test]
fn a_collector_that_keeps_the_connection_keeps_it() {
    let (address, collector) = plain(1, |mut socket| {
        greet(&mut socket, true);
        acknowledge(&mut socket)
    });
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}")), ("shared_key", "key")]);
    forward.connect(soon()).unwrap();
    for _ in 0..3 {
        await_acked(&mut forward, &Chunk::empty());
    }
    assert!(!forward.is_worn());
    forward.close(soon());
    assert_eq!(collector.join().unwrap(), [3]);
}

#[test]
fn a_greeting_nobody_expected_says_what_to_set() {
    let (address, collector) = plain(1, |mut socket| {
        socket.write_all(b"\x92\xa4HELO\x81\xa5nonce\xc4\x01n").unwrap();
        acknowledge(&mut socket)
    });
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}"))]);
    forward.connect(soon()).unwrap();
    let chunk = Chunk::empty();
    let sent = forward.send(&chunk, soon());
    let error = sent.and_then(|_| forward.await_ack(Some(chunk.id()), soon())).unwrap_err();
    assert!(error.text.contains("collector requires a shared key"), "{}", error.text);
    assert_eq!(error.cause, Cause::Configuration);
    forward.disconnect();
    collector.join().unwrap();
}

#[test]
fn a_collector_that_ends_the_handshake_is_no_quiet_end() {
    let (address, collector) = plain(1, drop);
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}")), ("shared_key", "key")]);
    assert!(!forward.connect(soon()).unwrap_err().is_end);
    collector.join().unwrap();
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_name_server_that_never_answers_does_not_hold_up_a_close() {
    let mut set = Options::new();
    set.set("endpoint", &format!("tcp://collector{}", crate::net::resolver::tests::NEVER)).unwrap();
    let client = crate::Client::new(Some(&set)).unwrap();
    let context = client.context(None, None, crate::Timestamp::Now).unwrap();
    for number in 0..10_000 {
        context.export_json(format!("{{\"n\": {number}}}").as_bytes(), crate::Timestamp::Now).unwrap();
    }
    // The sender waits for the name by now.
    std::thread::sleep(Duration::from_millis(400));
    let start = Instant::now();
    assert!(client.close(Duration::from_secs(1)).is_err());
    let took = start.elapsed();
    assert!(took < Duration::from_millis(2500), "{took:?}");
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.dropped_closed), (10_000, 10_000));
}

#[cfg(feature = "tls")]
mod over_tls {
    use super::*;
    use peer::{Authority, Folder, Server, Ways, config, text};

    fn options(folder: &Folder, authority: &Authority, address: SocketAddr) -> [(&'static str, String); 3] {
        let ca_file = text(&folder.file("ca.pem", &authority.certificate.pem()));
        [
            ("endpoint", format!("tls://localhost:{}", address.port())),
            ("tls_server_name", peer::NAME.to_owned()),
            ("ca_file", ca_file),
        ]
    }

    #[test]
    fn a_check_takes_every_step() {
        let (authority, folder) = (Authority::new("right"), Folder::new());
        let server = Server::tls(config(&authority.identity(), Ways::default()), 1, |mut stream| {
            greet(&mut stream, true);
            acknowledge(&mut stream)
        });
        let mut all: Vec<_> = options(&folder, &authority, server.address).into();
        all.push(("shared_key", "key".to_owned()));
        let all: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let steps = Steps::default();
        forward(&all).check(soon(), &steps);
        let taken = steps.so_far("");
        let names: Vec<_> = taken.iter().map(|step| step.name).collect();
        assert_eq!(names, ["resolve", "connect", "tls", "authenticate", "send", "ack"]);
        assert!(taken.iter().all(|step| step.error.is_none()), "{taken:?}");
        assert_eq!(server.results(), [1]);
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn a_close_loses_nothing_to_session_tickets() {
        const RUNS: usize = 100;
        const BYTES: usize = 300_000;
        let (authority, folder) = (Authority::new("right"), Folder::new());
        let identity = authority.identity();
        let server = Server::tls(config(&identity, Ways::default()), RUNS, |mut stream| {
            // The tickets go out with the end of the handshake; the reading begins when the client has
            // closed already.
            stream.conn.complete_io(&mut stream.sock).unwrap();
            std::thread::sleep(Duration::from_millis(5));
            let mut received = Vec::new();
            let end = stream.read_to_end(&mut received);
            (received.len(), end.is_ok())
        });
        let all = options(&folder, &authority, server.address);
        let all: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let all = [&all[..], &[("ack", "false")]].concat();
        let mut forward = forward(&all);
        let body = vec![0x90; BYTES];
        for _ in 0..RUNS {
            forward.connect(soon()).unwrap();
            forward.connection().unwrap().stream.send_all(&[&body], soon()).unwrap();
            forward.close(soon());
        }
        assert!(server.results().iter().all(|result| *result == (BYTES, true)));
    }
}

#[test]
fn a_farewell_without_end_is_not_listened_to() {
    const FAR_TOO_MUCH: usize = 64 << 20;
    let (address, collector) = plain(1, |mut stream| {
        let mut written = 0;
        while written < FAR_TOO_MUCH {
            match stream.write(&[b'x'; 64 << 10]) {
                Ok(count) => written += count,
                Err(_) => break,
            }
        }
        written
    });
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}"))]);
    forward.connect(soon()).unwrap();
    forward.close(soon());
    let written = collector.join().unwrap()[0];
    assert!(written < FAR_TOO_MUCH, "{written} bytes were taken");
}

/// Takes everything and never says a word.
fn mute(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

#[test]
fn who_has_said_what_it_is_gets_no_second_connection() {
    const REFUSAL: &[u8] = b"\x92\xa4HELO\x81\xa5nonce\xc4\x01n\x95\xa4PONG\xc2\xa2no\xa0\xa0";
    for (key, answer, finding) in [
        ("", &b"\x92\xa4HELO\x80"[..], Some(Finding::SharedKey)),
        ("", b"HTTP/1.1 400 Bad Request\r\n\r\n", Some(Finding::HttpPort)),
        ("", b"\x15\x03\x03\x00\x02\x02\x28", Some(Finding::TlsPort)),
        ("key", REFUSAL, None),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        let waiting = listener.try_clone().unwrap();
        let collector = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.write_all(answer).unwrap();
            mute(stream);
        });
        let steps = Steps::default();
        forward(&[("endpoint", &endpoint), ("shared_key", key)]).check(soon(), &steps);
        collector.join().unwrap();
        let last = steps.so_far("overdue").pop().unwrap();
        assert!(last.error.is_some() && last.finding == finding, "{last:?}");
        waiting.set_nonblocking(true).unwrap();
        assert!(waiting.accept().is_err(), "asked again: {last:?}");
    }
}

#[test]
fn who_only_hangs_up_is_asked_what_it_is() {
    // The second connection is the one that asks.
    let (address, collector) = plain(2, drop);
    let steps = Steps::default();
    forward(&[("endpoint", &format!("tcp://{address}")), ("shared_key", "key")]).check(soon(), &steps);
    collector.join().unwrap();
    assert_eq!(steps.so_far("overdue").pop().unwrap().finding, Some(Finding::Closed));
}

#[test]
fn an_ack_ends_the_doubt_of_auto_and_changes_nothing_else() {
    let (address, collector) = plain(3, |mut stream| {
        stream.write_all(b"\x81\xa3ack\xa1x").unwrap();
        mute(stream);
    });
    let endpoint = format!("tcp://{address}");
    for (ack, before, after) in [
        ("true", Asking::Yes, Asking::Yes),
        ("auto", Asking::Yet, Asking::Yes),
        ("false", Asking::No, Asking::No),
    ] {
        let mut forward = forward(&[("endpoint", &endpoint), ("ack", ack)]);
        forward.connect(soon()).unwrap();
        assert_eq!(forward.asking(), before);
        forward.await_ack(Some(b"x"), soon()).unwrap();
        assert_eq!(forward.asking(), after, "{ack}");
        forward.close(soon());
    }
    collector.join().unwrap();
}

#[test]
fn chunks_ask_for_an_ack_as_long_as_they_are_to() {
    let (address, collector) = plain(1, |mut stream| {
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        received.windows(6).filter(|window| *window == b"\xa5chunk").count()
    });
    let mut forward = forward(&[("endpoint", &format!("tcp://{address}")), ("ack", "auto")]);
    forward.connect(soon()).unwrap();
    for (asking, sent) in
        [(Asking::Yet, Sent::AwaitsAck), (Asking::No, Sent::Delivered), (Asking::Yes, Sent::AwaitsAck)]
    {
        forward.ask(asking);
        assert_eq!(forward.send(&Chunk::new(0, b"\x92\x01\x80".to_vec(), 0, 1), soon()).unwrap(), sent);
        assert_eq!(
            (forward.confirms(), forward.refuses_silently()),
            (asking != Asking::No, asking != Asking::No)
        );
    }
    forward.close(soon());
    assert_eq!(collector.join().unwrap(), [2]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_check_of_auto_takes_silence_for_what_it_may_be() {
    // Side by side: both wait for all of their second.
    std::thread::scope(|scope| {
        for (ack, is_well) in [("auto", true), ("true", false)] {
            scope.spawn(move || {
                let (address, collector) = plain(2, mute);
                let mut forward = forward(&[("endpoint", &format!("tcp://{address}")), ("ack", ack)]);
                let steps = Steps::default();
                forward.check(Deadline::after(Duration::from_secs(1)), &steps);
                let ack_error = steps.so_far("").into_iter().find(|step| step.name == "ack").unwrap().error;
                assert_eq!(ack_error.is_none(), is_well, "{ack}: {ack_error:?}");
                collector.join().unwrap();
            });
        }
    });
}
