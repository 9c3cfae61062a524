//! Decompression with a bound, for Forward messages and for the bodies of requests.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::malformed::{MAX_MESSAGE, Malformed};

/// All members of a gzip stream, one after the other; `what` names the bytes in the error.
pub(crate) fn gunzip(what: &str, sent: &[u8]) -> Result<Vec<u8>, Malformed> {
    let limit = u64::try_from(MAX_MESSAGE).unwrap_or(u64::MAX);
    let mut body = Vec::new();
    let read = MultiGzDecoder::new(sent).take(limit.saturating_add(1)).read_to_end(&mut body);
    match read {
        Ok(length) if length <= MAX_MESSAGE => Ok(body),
        Ok(_) => Err(Malformed::new(format!(
            "{what}: found more than {MAX_MESSAGE} bytes when decompressed, expected no more"
        ))),
        Err(error) => Err(Malformed::new(format!(
            "{what}: found \"{error}\" when decompressing, expected gzip members"
        ))),
    }
}
