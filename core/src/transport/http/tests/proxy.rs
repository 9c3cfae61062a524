//! Proxies and TLS: who is connected to, what is asked of them, and who learns what.

use super::server::{Reply, Server};
use super::{chunk, open, send, settings};
use crate::net::Cause;
use crate::transport::Sent;

#[test]
fn plain_requests_go_to_the_proxy_with_their_whole_url() {
    let proxy = Server::new(|_, before| if before == 2 { Reply::status(407) } else { Reply::status(200) });
    let proxy_url = format!("http://us%65r:hush@{}", proxy.address);
    let settings = settings(
        &[("endpoint", "http://collector.test:8888/tag?x=1")],
        &[("http_proxy", &proxy_url), ("NO_PROXY", "other.test")],
    );
    let mut transport = open(&settings, &Default::default());
    for text in ["a", "b"] {
        assert_eq!(send(&mut *transport, &chunk(&[text])).unwrap(), Sent::Delivered);
    }
    for request in proxy.requests() {
        assert_eq!(request.line, "POST http://collector.test:8888/tag?x=1");
        assert_eq!(request.header("host"), Some("collector.test:8888"));
        assert_eq!(request.header("proxy-authorization"), Some("Basic dXNlcjpodXNo"));
    }
    assert_eq!(proxy.connections(), 1);
    let error = send(&mut *transport, &chunk(&["c"])).unwrap_err();
    assert!(error.cause == Cause::Configuration && !error.text.contains("hush"), "{}", error.text);
}

#[cfg(feature = "tls")]
mod with_tls {
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, SocketAddr, TcpStream};
    use std::sync::Arc;

    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    use super::*;
    use crate::net::tls::tests::peer::{Authority, Folder, NAME, Ways, config, text};
    use crate::transport::http::tests::{server::Peer, soon};
    use crate::transport::{Steps, Transport};

    fn secure_server(config: Arc<ServerConfig>) -> Server {
        Server::with(
            |_, _| Reply::status(200),
            |_| None,
            Box::new(move |socket| {
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let stream: Box<dyn Peer> = Box::new(StreamOwned::new(session, socket));
                stream
            }),
        )
    }

    /// A transport to `https://NAME:port/` that trusts `authority` and goes through `proxy`.
    fn through(proxy: &str, port: u16, ca_file: &str, header: &str) -> Box<dyn Transport> {
        let url = format!("https://{NAME}:{port}/");
        let options = [("endpoint", url.as_str()), ("ca_file", ca_file), ("http_header", header)];
        open(&settings(&options, &[("HTTPS_PROXY", proxy)]), &Default::default())
    }

    #[test]
    fn an_address_without_tls_is_left_alone_for_a_while() {
        let folder = Folder::new();
        let ca_file = text(&folder.file("ca.pem", &Authority::new("right").certificate.pem()));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("https://localhost:{port}/");
        let options = [("endpoint", url.as_str()), ("ca_file", &ca_file), ("balance", "spread")];
        let mut transport = open(&settings(&options, &[]), &Default::default());
        for _ in 0..12 {
            let listener = listener.try_clone().unwrap();
            let ends = std::thread::spawn(move || drop(listener.accept().unwrap()));
            assert!(transport.connect(soon()).is_err());
            ends.join().unwrap();
        }
        // Nobody listens at the other address of the name: both failed, and neither comes before the other.
        assert_eq!(transport.places(soon()), 2);
    }

    /// A proxy that connects every tunnel to `target`; gives its address.
    fn tunnel_to(target: SocketAddr) -> Server {
        Server::with(
            |_, _| Reply::status(500),
            |_| None,
            Box::new(move |mut socket| {
                let mut head = Vec::new();
                let mut byte = [0];
                socket.set_read_timeout(None).unwrap();
                while !head.ends_with(b"\r\n\r\n") {
                    socket.read_exact(&mut byte).unwrap();
                    head.extend_from_slice(&byte);
                }
                let head = String::from_utf8(head).unwrap();
                let wanted = format!("CONNECT {NAME}:{} HTTP/1.1\r\n", target.port());
                let is_known = head.contains("\r\nProxy-Authorization: Basic dTpodXNo\r\n");
                let answer: &[u8] = match (head.starts_with(&wanted), is_known) {
                    (true, true) => b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n",
                    (true, false) => b"HTTP/1.1 407 Who are you\r\n\r\n",
                    _ => b"HTTP/1.1 403 No\r\n\r\n",
                };
                socket.write_all(answer).unwrap();
                if is_known {
                    relay(&socket, target);
                }
                Box::new(socket)
            }),
        )
    }

    fn relay(socket: &TcpStream, target: SocketAddr) {
        let server = TcpStream::connect(target).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _ = std::io::copy(&mut &*socket, &mut &server);
                let _ = server.shutdown(Shutdown::Write);
            });
            let _ = std::io::copy(&mut &server, &mut &*socket);
            let _ = socket.shutdown(Shutdown::Both);
        });
    }

    #[test]
    fn https_checks_the_certificate() {
        let (authority, other) = (Authority::new("right"), Authority::new("other"));
        let folder = Folder::new();
        let ca_file = folder.trusting(&authority).remove(0).1;
        for (identity, is_trusted) in [
            (authority.issue(&["127.0.0.1"], 2020, 2090), true),
            (other.issue(&["127.0.0.1"], 2020, 2090), false),
        ] {
            let server = secure_server(config(&identity, Ways::default()));
            let url = format!("https://{}/tag", server.address);
            let settings = settings(&[("endpoint", &url), ("ca_file", &ca_file)], &[]);
            let mut transport = open(&settings, &Default::default());
            let sent =
                send(&mut *transport, &chunk(&["a"])).and_then(|_| send(&mut *transport, &chunk(&["b"])));
            match sent {
                Ok(sent) => assert!(is_trusted && sent == Sent::Delivered),
                Err(error) => assert!(!is_trusted && error.cause == Cause::Configuration, "{}", error.text),
            }
            assert_eq!(server.requests().len(), if is_trusted { 2 } else { 0 });
            transport.close(soon());
            let steps = Steps::default();
            transport.check(soon(), &steps);
            let steps = steps.so_far("overdue");
            let names: Vec<_> = steps.iter().map(|step| (step.name, step.error.is_none())).collect();
            let all = [("resolve", true), ("connect", true), ("tls", is_trusted), ("send", true)];
            assert_eq!(names, all[..if is_trusted { 4 } else { 3 }]);
            assert_eq!(server.connections(), 2);
        }
    }

    #[test]
    fn tunnels_end_at_the_server_and_the_proxy_learns_nothing_else() {
        let authority = Authority::new("right");
        let folder = Folder::new();
        let ca_file = folder.trusting(&authority).remove(0).1;
        let server = secure_server(config(&authority.identity(), Ways::default()));
        let proxy = tunnel_to(server.address);
        let port = server.address.port();
        let with_user = format!("http://u:hush@{}", proxy.address);
        let without = format!("http://{}", proxy.address);
        for (proxy_url, header) in [(&with_user, "X-A: b"), (&without, "Proxy-Authorization: Basic dTpodXNo")]
        {
            let mut transport = through(proxy_url, port, &ca_file, header);
            for text in ["a", "b"] {
                assert_eq!(send(&mut *transport, &chunk(&[text])).unwrap(), Sent::Delivered);
            }
            transport.close(soon());
        }
        let requests = server.requests();
        assert_eq!((requests.len(), server.connections()), (4, 2));
        assert!(requests.iter().all(|request| request.line == "POST /mona.client.message"));
        assert!(requests.iter().all(|request| request.header("proxy-authorization").is_none()));
        assert_eq!(requests[0].header("x-a"), Some("b"));
        for (proxy_url, port, expected) in
            [(&without, port, "credentials"), (&with_user, port ^ 1, "lets nobody through")]
        {
            let error = through(proxy_url, port, &ca_file, "").connect(soon()).unwrap_err();
            assert_eq!(error.cause, Cause::Configuration);
            assert!(error.text.contains(expected) && !error.text.contains("hush"), "{}", error.text);
        }
    }
}
