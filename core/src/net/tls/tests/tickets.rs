//! Records without data, as tickets are: who sends nothing else puts no bound off, and comes to an end.

use super::*;

/// Shakes hands; gives the tickets that are to be sent then.
fn tickets(session: &mut rustls::ServerConnection, socket: &mut TcpStream) -> Vec<u8> {
    loop {
        session.read_tls(socket).unwrap();
        session.process_new_packets().unwrap();
        if !session.is_handshaking() {
            break;
        }
        while session.wants_write() {
            session.write_tls(socket).unwrap();
        }
    }
    let mut bytes = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// What reading comes to from a server that sends so many tickets, in records of `longest` bytes, a piece every so often;
/// and how many bytes they have.
fn only_tickets(
    count: usize,
    longest: Option<usize>,
    (piece, pause): (usize, Duration),
    patience: Duration,
) -> (Result<bool, TransportError>, usize) {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    let mut server = (*config(&authority.identity(), Ways::default())).clone();
    server.send_tls13_tickets = count;
    server.max_fragment_size = longest;
    server.ticketer = rustls::crypto::ring::Ticketer::new().unwrap();
    let server_config = Arc::new(server);
    let server = Server::plain(1, move |mut socket: TcpStream| {
        let mut session = rustls::ServerConnection::new(Arc::clone(&server_config)).unwrap();
        session.set_buffer_limit(None);
        let bytes = tickets(&mut session, &mut socket);
        for part in bytes.chunks(piece) {
            if socket.write_all(part).is_err() {
                return bytes.len();
            }
            std::thread::sleep(pause);
        }
        let _ = socket.read(&mut [0]);
        bytes.len()
    });
    let mut stream = secured(server.address, &tls, NAME).unwrap();
    let deadline = Deadline::after(patience);
    let outcome = loop {
        match stream.receive(&mut Vec::new(), 512) {
            Ok(false) if !stream.await_bytes(deadline) => break Ok(false),
            Ok(false) => {}
            other => break other,
        }
    };
    drop(stream);
    (outcome, server.results()[0])
}

/// A length of records that hold a ticket each.
fn ticket_record() -> Option<usize> {
    let (outcome, bytes) = only_tickets(1, None, (1000, Duration::ZERO), Duration::from_millis(50));
    assert!(!outcome.unwrap());
    // The kind of what is encrypted, and its tag.
    Some(bytes - 1 - 16)
}

#[test]
fn records_without_data_come_to_an_end() {
    let pieces = (100_000, Duration::ZERO);
    let (outcome, bytes) = only_tickets(2_000, ticket_record(), pieces, Duration::from_secs(60));
    let error = outcome.unwrap_err();
    assert!(bytes > 2 * 64 * 1024, "{bytes}");
    assert!(error.cause == Cause::Connection && error.text.contains("without data"), "{}", error.text);
}

#[test]
fn records_without_data_put_no_bound_off() {
    let pieces = (100, Duration::from_millis(5));
    let (outcome, bytes) = only_tickets(200, ticket_record(), pieces, Duration::from_millis(300));
    assert!(!outcome.unwrap() && bytes > 100 * 100, "{bytes}");
}
