//! How large the shared object is when it is stripped, with TLS and without.

use std::io;
use std::path::Path;
use std::process::Command;

use super::figure::Figure;
use super::parts::cargo_build;
use crate::library::{SHARED, library, target_folder, workspace};
use crate::program::expect_success;

/// Takes both sizes in millions of bytes. The library without TLS is built in a folder of its own.
///
/// # Errors
///
/// When it cannot be built or stripped.
pub fn measure() -> io::Result<Vec<Figure>> {
    let apart = target_folder(&workspace()).join("without-tls");
    cargo_build("release", &["-p", "mona-ffi", "--no-default-features", "--features", "http"], &apart)?;
    Ok(vec![
        Figure::once("shared_object.with_tls.mb", stripped(&library()?.shared)?, "MB"),
        Figure::once("shared_object.without_tls.mb", stripped(&apart.join("release").join(SHARED))?, "MB"),
    ])
}

fn stripped(object: &Path) -> io::Result<f64> {
    let folder = tempfile::Builder::new().prefix("mona-size-").tempdir()?;
    let copy = folder.path().join(SHARED);
    expect_success(Command::new("strip").arg("-o").arg(&copy).arg(object))?;
    let bytes = u32::try_from(copy.metadata()?.len()).map_err(io::Error::other)?;
    Ok(f64::from(bytes) / 1e6)
}
