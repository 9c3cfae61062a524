//! In the place of the encoder: an entry is one byte.

/// Nothing is kept between entries.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    _nothing: (),
}

/// Writes behind the bytes of a `Vec`.
pub(crate) struct Output<'v>(&'v mut Vec<u8>);

impl<'v> Output<'v> {
    pub(crate) fn behind(vec: &'v mut Vec<u8>, len: usize) -> Output<'v> {
        vec.truncate(len);
        Output(vec)
    }

    pub(crate) fn push(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn finish(self) {}
}

/// Reads entries back.
pub(crate) mod msgpack {
    pub(crate) fn value_len(bytes: &[u8]) -> Option<usize> {
        (!bytes.is_empty()).then_some(1)
    }
}
