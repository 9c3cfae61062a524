//! Certificates and keys out of PEM files, with errors that name the option.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use zeroize::Zeroizing;

use crate::diag::error::{Error, Status};
use crate::net::Deadline;
use crate::sys::descriptor::AsRawFd as _;
use crate::sys::poll::wait_readable;
use crate::sys::{files, kept};

/// Most bytes of one file: twenty times the bundle of all public authorities.
const MOST_BYTES: u64 = 4 << 20;

/// How long what writes into a pipe is waited for: a program that decrypts a key takes a moment.
const MOST_WAIT: Duration = Duration::from_secs(1);

/// Why a file cannot be used.
#[derive(Debug)]
pub(crate) struct Unusable {
    /// What was found and what is expected, with the option and the path.
    pub(crate) error: Error,
    /// Whoever provides the file may not be done yet: it is not there, cannot be read, is empty or is cut off.
    pub(crate) may_heal: bool,
}

/// How a section of PEM begins.
const SECTION_START: &[u8] = b"-----BEGIN ";

type Result<T> = std::result::Result<T, Unusable>;

/// The certificates in `path`, at least one.
pub(crate) fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(option, path)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let expected = "a PEM file with certificates";
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(unusable(option, path, "no certificate in it", expected, breaks_off(&text))),
        Err(error) => {
            let may_heal = breaks_off(&text) || is_cut(&error);
            Err(unusable(option, path, "not well-formed PEM", expected, may_heal))
        }
    }
}

/// The first private key in `path`.
pub(crate) fn private_key(option: &str, path: &Path) -> Result<PrivateKeyDer<'static>> {
    let text = read(option, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let may_heal = breaks_off(&text) || is_cut(&error);
        let found = "no private key in it that can be read";
        unusable(option, path, found, "a PEM file with an unencrypted key", may_heal)
    })
}

/// Whether it ends before the first section, or in the first line of one.
fn breaks_off(text: &[u8]) -> bool {
    let is_blank = text.iter().all(u8::is_ascii_whitespace);
    let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    is_blank || !last.is_empty() && (SECTION_START.starts_with(last) || last.starts_with(SECTION_START))
}

fn is_cut(error: &pem::Error) -> bool {
    matches!(error, pem::Error::MissingSectionEnd { .. })
}

fn unusable(option: &str, path: &Path, found: &str, expected: &str, may_heal: bool) -> Unusable {
    Unusable { error: wrong(option, path, found, expected), may_heal }
}

/// An error about the file of an option.
pub(crate) fn wrong(option: &str, path: &Path, found: &str, expected: &str) -> Error {
    let path = path.display();
    Error::new(Status::Argument, format!("option \"{option}\": \"{path}\": {found}, {expected} is expected"))
}

/// The text of a file, which may be a key.
fn read(option: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let unread = |error: io::Error| unreadable(option, path, &error);
    // Opening a FIFO that nobody writes to would wait for ever, and so would reading one.
    let file = kept::open(files::without_wait(OpenOptions::new().read(true)), path).map_err(unread)?;
    let file = file.ours().map_err(unread)?;
    // With room for all of it: a vector that grows leaves what it held behind.
    let length = file.metadata().map_or(0, |found| found.len()).min(MOST_BYTES);
    let room = usize::try_from(length).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    let until = Deadline::after(MOST_WAIT);
    let mut rest = file.take(MOST_BYTES + 1);
    // What was read before a pause stays.
    while let Err(error) = rest.read_to_end(&mut text) {
        if error.kind() != io::ErrorKind::WouldBlock || until.is_over() {
            return Err(unread(error));
        }
        wait_readable(&[file.as_raw_fd()], until.left());
    }
    match text.len() as u64 {
        length if length <= MOST_BYTES => Ok(text),
        _ => Err(unusable(option, path, "more than 4 MiB", "a PEM file", false)),
    }
}

fn unreadable(option: &str, path: &Path, error: &io::Error) -> Unusable {
    unusable(option, path, &error.to_string(), "a readable PEM file", true)
}
