#!/bin/sh
# ureq 3.5.2, a server that answers "100 Continue" with a header field before the final answer.
#
# RFC 9110, section 15.2, lets an interim answer carry header fields, and a client skips one that it did not ask for. ureq
# does so with a "100 Continue" without fields, and with a "103 Early Hints" that has some. A "100 Continue" with a field
# ends the exchange with "protocol: received headers with 100-continue response" instead of the 200 behind it. The server
# has taken the request by then, so a sender that tries again after errors delivers it twice. Seen with a POST without
# "Expect" over plain TCP on loopback.
#
# Needs cargo. Everything is made in a temporary folder. Prints what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
ureq = { version = "=3.5.2", default-features = false }
TOML
cat >"$work/src/main.rs" <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;

/// What a POST comes to whose server says `interim` before its 200.
fn outcome(interim: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut part = [0; 1024];
        while !request.ends_with(b"event") {
            let count = socket.read(&mut part).unwrap();
            request.extend_from_slice(&part[..count]);
        }
        let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = socket.write_all(format!("{interim}{last}").as_bytes());
    });
    let outcome = match ureq::post(&url).send("event") {
        Ok(answer) => answer.status().as_u16().to_string(),
        Err(error) => format!("error: {error}"),
    };
    server.join().unwrap();
    outcome
}

fn main() {
    println!("no interim answer: {}", outcome(""));
    println!("100 without fields: {}", outcome("HTTP/1.1 100 Continue\r\n\r\n"));
    println!("100 with one field: {}", outcome("HTTP/1.1 100 Continue\r\nX-Proxy: a\r\n\r\n"));
    println!("103 with one field: {}", outcome("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
}
RUST
cargo run --quiet --manifest-path "$work/Cargo.toml" >"$work/seen"
cat "$work/seen"
cat >"$work/expected" <<'SEEN'
no interim answer: 200
100 without fields: 200
100 with one field: error: protocol: received headers with 100-continue response
103 with one field: 200
SEEN
diff "$work/expected" "$work/seen"
