//! The bodies of requests: how entries become one, and the next one made ahead.
//!
//! A collector works on a request for as long as the sender would need for the next body, so that one is
//! made in between, in the time in which nothing else can be done.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::Input;
use super::{mona, otlp, records};
use crate::encode::to_otlp::Envelope;
use crate::net::TransportError;
use crate::sys::sync::lock;
use crate::transport::Chunk;

/// Most memory kept between requests: a body of the largest size.
const MOST_KEPT_BYTES: usize = records::MOST_BODY_BYTES;

/// What a body looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Records {
        gzip: bool,
    },
    Lines {
        gzip: bool,
    },
    Otlp {
        envelope: Arc<Envelope>,
        gzip: bool,
    },
    /// The export API documents no compression of requests.
    Mona {
        user_id: String,
    },
}

impl Shape {
    pub(super) fn is_gzip(&self) -> bool {
        matches!(
            self,
            Shape::Records { gzip: true } | Shape::Lines { gzip: true } | Shape::Otlp { gzip: true, .. }
        )
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self {
            Shape::Lines { .. } => "application/x-ndjson",
            Shape::Records { .. } | Shape::Mona { .. } => "application/json",
            Shape::Otlp { envelope, .. } => otlp::content_type(envelope),
        }
    }

    /// What takes it.
    pub(super) fn input(&self) -> Input {
        if matches!(self, Shape::Otlp { .. }) { Input::Otlp } else { Input::Http }
    }

    fn make(&self, out: &mut Vec<u8>, entries: &[u8]) -> Result<(), TransportError> {
        out.clear();
        // What one giant event needed is not kept.
        out.shrink_to(MOST_KEPT_BYTES);
        match self {
            Shape::Records { .. } => records::append_body(out, entries)?,
            Shape::Lines { .. } => records::append_lines(out, entries)?,
            Shape::Otlp { envelope, .. } => otlp::append_body(out, entries, envelope)?,
            Shape::Mona { user_id } => mona::append_body(out, entries, user_id)?,
        }
        if self.is_gzip() {
            *out = packed(out)?;
        }
        Ok(())
    }
}

/// Work for the time in which an answer is awaited.
pub(super) type Meanwhile = Box<dyn FnOnce() + Send>;

/// The body of this request and that of the next.
#[derive(Default)]
pub(super) struct Bodies {
    /// Its memory serves the requests after it too.
    current: Vec<u8>,
    next: Arc<Mutex<Next>>,
}

#[derive(Default)]
struct Next {
    bytes: Vec<u8>,
    /// What they are a body for, once they are.
    made_for: Option<(Shape, Vec<u8>)>,
}

impl Bodies {
    /// Work that makes the body of `next`, to be done or not.
    pub(super) fn ahead(&self, shape: Shape, next: &Chunk) -> Meanwhile {
        let (entries, next) = (next.entries(), Arc::clone(&self.next));
        Box::new(move || {
            let mut next = lock(&next);
            next.made_for = None;
            // What cannot be made is said when its turn comes.
            if shape.make(&mut next.bytes, entries.bytes()).is_ok() {
                next.made_for = Some((shape, entries.id().to_vec()));
            }
        })
    }

    /// The body for these entries of the chunk `id`.
    pub(super) fn of(&mut self, shape: &Shape, id: &[u8], entries: &[u8]) -> Result<&[u8], TransportError> {
        let mut next = lock(&self.next);
        match next.made_for.take_if(|(made_shape, made_id)| made_shape == shape && made_id == id) {
            Some(_) => std::mem::swap(&mut self.current, &mut next.bytes),
            None => shape.make(&mut self.current, entries)?,
        }
        Ok(&self.current)
    }
}

fn packed(body: &[u8]) -> Result<Vec<u8>, TransportError> {
    // Records repeat their keys: the fastest level already takes most of it.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map_err(|error| TransportError::io("send", "the body cannot be compressed", &error))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{chunk, classed_chunk};
    use super::*;
    use crate::net::Cause;

    const PLAIN: Shape = Shape::Records { gzip: false };

    fn made(bodies: &mut Bodies, shape: &Shape, chunk: &Chunk) -> Vec<u8> {
        bodies.of(shape, chunk.id(), chunk.body()).unwrap().to_vec()
    }

    #[test]
    fn a_body_made_ahead_is_the_one_that_is_made_in_time() {
        let chunks = [chunk(&["a", "b"]), classed_chunk(&["c"]), chunk(&["d"])];
        let mona = Shape::Mona { user_id: "u".to_owned() };
        for shape in [PLAIN, Shape::Records { gzip: true }, Shape::Lines { gzip: false }, mona] {
            let chunk = if matches!(shape, Shape::Mona { .. }) { &chunks[1] } else { &chunks[0] };
            let expected = made(&mut Bodies::default(), &shape, chunk);
            let mut bodies = Bodies::default();
            bodies.ahead(shape.clone(), chunk)();
            assert!(lock(&bodies.next).made_for.is_some());
            assert_eq!(made(&mut bodies, &shape, chunk), expected);
            assert!(lock(&bodies.next).made_for.is_none(), "it is used once");
            assert_eq!(made(&mut bodies, &shape, chunk), expected);
        }
    }

    #[test]
    fn a_body_made_for_something_else_is_not_used() {
        let (planned, sent) = (chunk(&["planned"]), chunk(&["sent"]));
        let mut bodies = Bodies::default();
        bodies.ahead(PLAIN, &planned)();
        let expected = made(&mut Bodies::default(), &PLAIN, &sent);
        assert_eq!(made(&mut bodies, &PLAIN, &sent), expected);
        let packed = made(&mut bodies, &Shape::Records { gzip: true }, &planned);
        assert!(packed.starts_with(&[0x1f, 0x8b]));
        // It was not done: nothing is lost.
        drop(bodies.ahead(PLAIN, &sent));
        assert_eq!(made(&mut bodies, &PLAIN, &sent), expected);
    }

    #[test]
    fn what_cannot_be_made_is_said_in_time() {
        let text = "x".repeat(records::MOST_BODY_BYTES);
        let large = chunk(&[&text, "a"]);
        let mut bodies = Bodies::default();
        bodies.ahead(PLAIN, &large)();
        let error = bodies.of(&PLAIN, large.id(), large.body()).unwrap_err();
        assert_eq!(error.cause, Cause::TooLarge);
    }
}
