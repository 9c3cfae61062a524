//! Certificates and keys out of PEM files, with errors that name the option.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::diag::error::{Error, Result, Status};
use crate::sys::kept;

/// Most bytes of one file: twenty times the bundle of all public authorities.
const MOST_BYTES: u64 = 4 << 20;

/// The certificates in `path`, at least one.
pub(crate) fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read(option, path)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(wrong(option, path, "no certificate in it", "a PEM file with certificates")),
        Err(_) => Err(wrong(option, path, "not well-formed PEM", "a PEM file with certificates")),
    }
}

/// The first private key in `path`.
pub(crate) fn private_key(option: &str, path: &Path) -> Result<PrivateKeyDer<'static>> {
    let text = read(option, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| {
        wrong(option, path, "no private key in it that can be read", "a PEM file with an unencrypted key")
    })
}

/// An error about the file of an option.
pub(crate) fn wrong(option: &str, path: &Path, found: &str, expected: &str) -> Error {
    let path = path.display();
    Error::new(Status::Argument, format!("option \"{option}\": \"{path}\": {found}, {expected} is expected"))
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = kept::open(OpenOptions::new().read(true), path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut text));
    match read {
        Ok(count) if count as u64 <= MOST_BYTES => Ok(text),
        Ok(_) => Err(wrong(option, path, "more than 4 MiB", "a PEM file")),
        Err(error) => Err(wrong(option, path, &error.to_string(), "a readable PEM file")),
    }
}
