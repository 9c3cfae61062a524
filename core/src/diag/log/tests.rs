//! What the log of a client makes of lines on their way to the sink, and the sink of a host's callback.

use std::sync::{Arc, Mutex};

use super::*;
use crate::diag::error::Status;

#[test]
fn lines_reach_the_callback_and_wait_to_be_taken() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let copy = Arc::clone(&seen);
    set_callback(Some(Arc::new(move |level, line: &str| {
        if line.starts_with("sink test") {
            assert!(inside_callback());
            assert_eq!(set_callback(None).unwrap_err().status(), Status::Busy);
            copy.lock().unwrap().push((level, line.to_owned()));
        }
    })))
    .unwrap();
    let log = Log::new(WARNING, false, Print::Off);
    log.info(|| unreachable!("below the level"));
    log.warn("sink", || "sink test one".to_owned());
    log.warn("sink", || unreachable!("held back"));
    set_callback(None).unwrap();
    log.error("sink 2", || "sink test two".to_owned());
    assert_eq!(*seen.lock().unwrap(), [(WARNING, "sink test one".to_owned())]);
    assert!(!inside_callback());

    let mut taken = Vec::new();
    while let Ok(line) = take_with(|level, line| (true, (level, line.to_owned()))) {
        taken.push(line);
    }
    assert!(taken.contains(&(WARNING, "sink test one".to_owned())));
    assert!(taken.contains(&(ERROR, "sink test two".to_owned())));
    assert_eq!(take_with(|_, _| (true, ())).unwrap_err().status(), Status::NotFound);
}
