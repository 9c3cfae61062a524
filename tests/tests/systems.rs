//! What a system's C library decides: how names are resolved, how much stack threads have, what static linking takes.
//!
//! Here on this system; tests/systems/ runs the same programs with the library for another one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::Duration;

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::Program;

/// Generous for one program on a loaded machine, and under an emulator.
const LIMIT: Duration = Duration::from_secs(120);

/// The collector's endpoint by a name that the system has to resolve.
fn by_name(collector: &FaultCollector) -> String {
    collector.endpoint().replace("127.0.0.1", "localhost")
}

fn count(collector: &FaultCollector, who: &str) -> usize {
    collector.records().iter().filter(|record| record.record["message"]["who"] == who).count()
}

#[test]
fn threads_with_small_stacks_do_everything() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let program = Program::c("tests/c/systems/small_stacks.c").build().unwrap();
    program.start(&by_name(&collector), &[], &[], LIMIT).unwrap();
    assert_eq!(["json", "typed", "current"].map(|who| count(&collector, who)), [4, 4, 4]);
}

#[test]
fn the_first_program_reaches_a_collector_by_its_name() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let program = Program::c("bindings/c/examples/hello.c").build().unwrap();
    program.start(&by_name(&collector), &[], &[], LIMIT).unwrap();
    assert!(collector.records().iter().any(|record| record.record["message"]["label"] == "cat"));
}
