//! A dropped collector leaves no thread and no descriptor. Alone in its process, so that they can be counted.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;

use common::*;
use mona_collector::{Authority, FaultCollector, Listen, Script, Service, Tls};

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn nothing_is_left_behind() {
    let authority = Authority::new().unwrap();
    let tls = Tls::try_from(authority.server(&["localhost"]).unwrap()).unwrap();
    let config = tls::client(authority.pem(), None, rustls::ALL_VERSIONS);
    let before = (count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..20 {
        let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
        let mut stream = connect(collector.addr().unwrap());
        stream.write_all(&chunk("one", 1)).unwrap();
        expect(&mut stream, &ack("one"));
        let secure = Service::forward().tls(tls.clone());
        collector.set_service(secure).unwrap();
        let mut stream = tls::connect(&config, collector.addr().unwrap(), "localhost").unwrap();
        stream.write_all(&chunk("two", 2)).unwrap();
        expect(&mut stream, &ack("two"));
        collector.set_service(Service::http().tls(tls.clone())).unwrap();
        let mut stream = tls::connect(&config, collector.addr().unwrap(), "localhost").unwrap();
        assert_eq!(http::ask(&mut stream, &http::json("/tag", "[]")).status, 201);
        let _idle = connect(collector.addr().unwrap());
        collector.pause().unwrap();
        collector.resume().unwrap();
    }
    // A joined thread leaves the list of the kernel a moment later.
    eventually("threads and descriptors are as before", || {
        (count("/proc/self/task"), count("/proc/self/fd")) == before
    });
}
