//! Bodies in chunks: each with its size before it, the last one empty and followed by trailers.
//!
//! Strict, as a size that is read differently by whoever stands between would make one answer out of two.

/// Digits of the largest size of a chunk: 60 bits, which no body reaches.
const MOST_DIGITS: u8 = 15;

/// Most bytes of extensions and trailers, which nobody here reads: as much as a head may have.
const MOST_ASIDE_BYTES: usize = 16 * 1024;

/// Reads chunks as they arrive, in whatever pieces.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    place: Place,
    aside: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// In front of a size.
    #[default]
    Start,
    Size {
        digits: u8,
        size: u64,
    },
    /// Behind a size, where blanks may stand.
    Blank(u64),
    Extension(u64),
    /// Before the line feed that ends the line of a size.
    SizeEnd(u64),
    Data(u64),
    DataReturn,
    DataEnd,
    /// At the start of a trailer, or of the empty line after the last one.
    Line,
    Trailer,
    TrailerEnd,
    /// Before the very last line feed.
    LastEnd,
    Done,
}

/// It is no body in chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Chunks {
    /// Whether the end was read, and all of it.
    pub(super) fn is_done(&self) -> bool {
        self.place == Place::Done
    }

    /// Takes the bytes of chunks from the front of `input` and appends what they hold to `body`: how many
    /// bytes were taken. Those behind the end are left.
    pub(super) fn take(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<usize, Malformed> {
        let mut rest = input;
        while let Some((first, after)) = rest.split_first() {
            match self.place {
                Place::Done => break,
                Place::Data(left) => {
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    let (data, after) = rest.split_at_checked(count).ok_or(Malformed)?;
                    body.extend_from_slice(data);
                    rest = after;
                    let left = left.saturating_sub(count as u64);
                    self.place = if left > 0 { Place::Data(left) } else { Place::DataReturn };
                }
                _ => {
                    self.place = self.next(*first)?;
                    rest = after;
                }
            }
        }
        Ok(input.len() - rest.len())
    }

    /// Where one byte outside of data leads.
    fn next(&mut self, byte: u8) -> Result<Place, Malformed> {
        if matches!(self.place, Place::Blank(_) | Place::Extension(_) | Place::Line | Place::Trailer) {
            self.aside += 1;
            if self.aside > MOST_ASIDE_BYTES {
                return Err(Malformed);
            }
        }
        // A lone line feed or return ends nothing.
        let is_text = byte == b'\t' || !byte.is_ascii_control();
        match (self.place, byte) {
            (Place::Start, _) => digit(byte).map(|size| Place::Size { digits: 1, size }).ok_or(Malformed),
            (Place::Size { size, .. } | Place::Blank(size) | Place::Extension(size), b'\r') => {
                Ok(Place::SizeEnd(size))
            }
            (Place::Size { size, .. } | Place::Blank(size), b';') => Ok(Place::Extension(size)),
            (Place::Size { size, .. } | Place::Blank(size), b' ' | b'\t') => Ok(Place::Blank(size)),
            (Place::Size { digits, size }, _) if digits < MOST_DIGITS => {
                let digit = digit(byte).ok_or(Malformed)?;
                Ok(Place::Size { digits: digits + 1, size: (size << 4) | digit })
            }
            (Place::Extension(_), _) if is_text => Ok(self.place),
            (Place::SizeEnd(0), b'\n') => Ok(Place::Line),
            (Place::SizeEnd(size), b'\n') => Ok(Place::Data(size)),
            (Place::DataReturn, b'\r') => Ok(Place::DataEnd),
            (Place::DataEnd, b'\n') => Ok(Place::Start),
            (Place::Line, b'\r') => Ok(Place::LastEnd),
            (Place::Trailer, b'\r') => Ok(Place::TrailerEnd),
            (Place::Line | Place::Trailer, _) if is_text => Ok(Place::Trailer),
            (Place::TrailerEnd, b'\n') => Ok(Place::Line),
            (Place::LastEnd, b'\n') => Ok(Place::Done),
            _ => Err(Malformed),
        }
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body, what was left behind it, and whether it is whole; the same however the input is cut.
    fn read(input: &[u8]) -> Result<(Vec<u8>, usize, bool), Malformed> {
        let in_pieces = |size: usize| {
            let (mut chunks, mut body, mut taken) = (Chunks::default(), Vec::new(), 0);
            for piece in input.chunks(size.max(1)) {
                let count = chunks.take(piece, &mut body)?;
                taken += count;
                assert!(count == piece.len() || chunks.is_done());
            }
            Ok((body, input.len() - taken, chunks.is_done()))
        };
        let whole = in_pieces(input.len());
        for size in [1, 2, 3, 7] {
            assert_eq!(in_pieces(size), whole, "{input:?} in pieces of {size}");
        }
        whole
    }

    fn whole(input: &str) -> Option<String> {
        let (body, left, is_done) = read(input.as_bytes()).unwrap();
        assert_eq!(left, 0, "{input:?}");
        is_done.then(|| String::from_utf8(body).unwrap())
    }

    #[test]
    fn chunks_become_a_body() {
        for (input, body) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5\r\nhello\r\n1\r\n!\r\n000\r\n\r\n", "hello!"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("a;name=value;other=\"x;y\"\r\n0123456789\r\n0;last\r\n\r\n", "0123456789"),
            ("2 \t;x\r\nab\r\n0 \r\n\r\n", "ab"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
            ("1\r\na\r\n0\r\nX-Trailer: b\r\nY: c\r\n\r\n", "a"),
        ] {
            assert_eq!(whole(input).as_deref(), Some(body), "{input:?}");
            for end in 0..input.len() {
                assert_eq!(whole(&input[..end]), None, "{input:?} to {end}");
            }
        }
        assert_eq!(read(b"1\r\na\r\n0\r\n\r\nHTTP/1.1"), Ok((b"a".to_vec(), 8, true)));
        assert_eq!(whole("fffffffffffffff\r\nabc"), None);
    }

    #[test]
    fn what_are_no_chunks() {
        for input in [
            "\r\n",
            "x\r\n",
            "-1\r\n",
            "+1\r\na",
            " 1\r\na",
            "0x1\r\na",
            "1 1\r\na",
            "1\na\r\n",
            "1;x\na\r\n",
            "1;\0\r\n",
            "1\rx",
            "1\r\nab",
            "1\r\na\n",
            "1\r\na\rb",
            "1\r\na0\r\n\r\n",
            "0\r\n\n",
            "0\r\nA: b\n",
            "0\r\n\rx",
            "1000000000000000\r\n",
            "ffffffffffffffff\r\n",
            "10000000000000001\r\n",
        ] {
            assert_eq!(read(input.as_bytes()), Err(Malformed), "{input:?}");
        }
        for start in ["1;", "0\r\n"] {
            let long = format!("{start}{}", "x: y\t".repeat(MOST_ASIDE_BYTES / 5 + 1));
            assert_eq!(read(long.as_bytes()), Err(Malformed));
        }
    }
}
