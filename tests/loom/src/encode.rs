//! In the place of the encoder and its buffers: an entry is one byte of a `Vec`.

use std::ops::Deref;

/// Nothing is kept between entries.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    _nothing: (),
}

/// More than any model writes.
pub(crate) const MOST_SMALL: usize = 16 * 1024;

/// Where entries are written.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) fn note_written(&mut self, _: usize) {}

    pub(crate) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(crate) fn remove_front(&mut self, len: usize) {
        self.0.drain(..len);
    }

    pub(crate) fn release_rest(&mut self) {}

    pub(crate) fn memory(&self) -> usize {
        self.0.capacity()
    }

    pub(crate) fn is_block(&self) -> bool {
        false
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl msgpack::AppendSlice for Buffer {
    fn append_slice(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// Writes behind the bytes of a buffer.
pub(crate) struct Output<'v>(&'v mut Buffer);

impl<'v> Output<'v> {
    pub(crate) fn behind(buffer: &'v mut Buffer, len: usize) -> Output<'v> {
        buffer.truncate(len);
        Output(buffer)
    }

    pub(crate) fn push(&mut self, byte: u8) {
        self.0.0.push(byte);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn finish(self) {}
}

/// Reads entries back.
pub(crate) mod msgpack {
    pub(crate) trait AppendSlice {
        fn append_slice(&mut self, bytes: &[u8]);
    }

    pub(crate) fn value_len(bytes: &[u8]) -> Option<usize> {
        (!bytes.is_empty()).then_some(1)
    }
}
