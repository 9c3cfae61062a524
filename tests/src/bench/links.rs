//! Sending to servers that refuse and over connections that break: what it costs against a link without faults.
//!
//! Run by the program `links`, which is built for release with the collector in it; the benchmark runner builds
//! and runs that. Everything is measured with the options that users have, against each server that the collector
//! can be like.

pub mod lasting;
pub mod refused;
pub mod served;

use std::io;
use std::process::Command;
use std::time::Duration;

use super::figure::Figures;
use super::parts::cargo_build;
use crate::library::{target_folder, workspace};
use crate::run::run;

/// Two and a half minutes on an idle machine; four times that is a hang.
const LIMIT: Duration = Duration::from_secs(600);

/// Builds and runs the program, shows its lines, and adds its figures.
///
/// # Errors
///
/// When it cannot be built or run; the figures it had by then are kept.
pub fn measure(is_quick: bool, figures: &mut Figures) -> io::Result<()> {
    let target = target_folder(&workspace());
    cargo_build("release", &["-p", "mona-tests", "--bin", "links"], &target)?;
    let mut command = Command::new(target.join("release/links"));
    if is_quick {
        command.arg("--quick");
    }
    let finished = run(&mut command, LIMIT)?;
    print!("{}", finished.stdout);
    eprint!("{}", finished.stderr);
    figures.read(&finished.stdout);
    finished.expect_ok().map(drop)
}
