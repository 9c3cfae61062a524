//! A bounded channel with a thread at its end that drops what comes, as a sender would after sending it.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Events that fit: libmona's default for `queue_size`.
const EVENTS: usize = 100_000;

/// What became of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Offered {
    Taken,
    Full,
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// Given away when the queue ends, which is how its thread learns of it.
    sender: Option<Sender<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Queue<T> {
    /// A queue with its thread; none if the thread could not be started.
    pub(crate) fn start() -> Option<Queue<T>> {
        let (sender, receiver) = bounded(EVENTS);
        let thread = thread::Builder::new().name("bench-peer".to_owned()).spawn(|| drain(receiver)).ok()?;
        Some(Queue { sender: Some(sender), thread: Some(thread) })
    }

    pub(crate) fn offer(&self, event: T) -> Offered {
        match self.sender.as_ref().map(|sender| sender.try_send(event)) {
            Some(Ok(())) => Offered::Taken,
            _ => Offered::Full,
        }
    }

    pub(crate) fn settle(&self) {
        while self.sender.as_ref().is_some_and(|sender| !sender.is_empty()) {
            thread::sleep(Duration::from_micros(100));
        }
    }
}

fn drain<T>(receiver: Receiver<T>) {
    for event in receiver {
        drop(event);
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
