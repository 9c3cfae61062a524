//! The body of a request, as it arrives.
//!
//! Called by the exchange. Memory is taken from the budget before a body grows, and a body that stands
//! still or crawls is given up.

use std::io;
use std::pin::pin;
use std::time::Instant;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{sleep_until, timeout};

use super::answer::Answer;
use crate::proto::budget::Share;
use crate::proto::malformed::{MAX_MESSAGE, Malformed};
use crate::server::limits::Limits;

/// Why a body was not read to its end.
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    Busy(Malformed),
}

impl Unread {
    /// What is said, before the connection ends.
    pub(super) fn answer(self) -> Answer {
        match self {
            Unread::TooLarge => Answer::text(413, "413 Content Too Large").last(),
            Unread::TooSlow => Answer::text(408, "408 Request Timeout").last(),
            Unread::Busy(busy) => {
                Answer::text(503, &busy.to_string()).retry_after(Some("1".to_owned())).last()
            }
        }
    }
}

/// All of it; the outer error is one of the connection.
pub(super) async fn collect(
    body: Incoming,
    share: &mut Share,
    limits: &Limits,
) -> io::Result<Result<Vec<u8>, Unread>> {
    let begun = Instant::now();
    let mut body = pin!(body);
    let mut all = Vec::new();
    loop {
        let Some(complete) = limits.complete_by(begun, all.len()) else { return Ok(Err(Unread::TooSlow)) };
        let frame = tokio::select! {
            frame = timeout(limits.progress, body.frame()) => frame,
            () = sleep_until(complete.into()) => return Ok(Err(Unread::TooSlow)),
        };
        let data = match frame {
            Err(_) => return Ok(Err(Unread::TooSlow)),
            Ok(None) => return Ok(Ok(all)),
            Ok(Some(frame)) => frame.map_err(io::Error::other)?.into_data(),
        };
        // Trailers say nothing here.
        let Ok(data) = data else { continue };
        if all.len() + data.len() > MAX_MESSAGE {
            return Ok(Err(Unread::TooLarge));
        }
        match share.reserve(&mut all, data.len()) {
            Ok(()) => all.extend_from_slice(&data),
            Err(busy) if busy.is_busy() => return Ok(Err(Unread::Busy(busy))),
            Err(_) => return Ok(Err(Unread::TooLarge)),
        }
    }
}
