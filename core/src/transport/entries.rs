//! The bytes of a chunk under its id, shared by all who have to do with them.

use std::sync::Arc;

use crate::encode::Buffer;
use crate::sys::id::{self, CHUNK_ID_LEN};

/// The bytes of a chunk and its id, shared with who prepares its way.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    id: [u8; CHUNK_ID_LEN],
    body: Arc<Buffer>,
    start: usize,
}

impl Entries {
    pub(super) fn new(body: Buffer, start: usize) -> Entries {
        Entries { id: id::chunk_id(), body: Arc::new(body), start }
    }

    /// Those of a chunk that was made before.
    pub(super) fn made_before(id: [u8; CHUNK_ID_LEN], body: Buffer) -> Entries {
        Entries { id, body: Arc::new(body), start: 0 }
    }

    pub(super) fn id(&self) -> &[u8] {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.body.get(self.start..).unwrap_or_default()
    }

    /// Other bytes under the same id.
    pub(super) fn replace(&mut self, body: Vec<u8>) {
        self.body = Arc::new(body.into());
        self.start = 0;
    }

    /// The buffer, if nobody else has it.
    pub(super) fn into_buffer(self) -> Buffer {
        Arc::into_inner(self.body).unwrap_or_default()
    }
}
