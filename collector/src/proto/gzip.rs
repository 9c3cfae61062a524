//! Decompression with a bound, for Forward messages and for the bodies of requests.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::budget::Share;
use super::malformed::{MAX_MESSAGE, Malformed};

/// How much is unfolded at once at the least.
const STEP: usize = 64 << 10;

/// All members of a gzip stream, one after the other; `what` names the bytes in the error.
pub(crate) fn gunzip(what: &str, sent: &[u8], share: &mut Share) -> Result<Vec<u8>, Malformed> {
    let mut body = Vec::new();
    let mut decoder = MultiGzDecoder::new(sent);
    loop {
        if body.len() == body.capacity() {
            share.reserve(&mut body, STEP)?;
        }
        let room = u64::try_from(body.capacity() - body.len()).unwrap_or(u64::MAX);
        match decoder.by_ref().take(room).read_to_end(&mut body) {
            Ok(0) => return Ok(body),
            Ok(_) if body.len() <= MAX_MESSAGE => {}
            Ok(_) => {
                return Err(Malformed::too_large(format!(
                    "{what}: found more than {MAX_MESSAGE} bytes when decompressed, expected no more"
                )));
            }
            Err(error) => {
                return Err(Malformed::new(format!(
                    "{what}: found \"{error}\" when decompressing, expected gzip members"
                )));
            }
        }
    }
}
