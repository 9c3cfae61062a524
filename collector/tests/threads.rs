//! A dropped collector leaves no thread and no descriptor. Alone in its process, so that they can be counted.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;

use common::*;
use mona_collector::{FaultCollector, Listen, Script};

fn count(folder: &str) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn nothing_is_left_behind() {
    let before = (count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..20 {
        let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
        let mut stream = connect(collector.addr().unwrap());
        stream.write_all(&chunk("one", 1)).unwrap();
        expect(&mut stream, &ack("one"));
        let _idle = connect(collector.addr().unwrap());
        collector.pause().unwrap();
        collector.resume().unwrap();
    }
    // A joined thread leaves the list of the kernel a moment later.
    eventually("threads and descriptors are as before", || {
        (count("/proc/self/task"), count("/proc/self/fd")) == before
    });
}
