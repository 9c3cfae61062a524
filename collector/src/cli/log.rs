//! What the program says about itself while it runs.

use std::io::{self, Write};

use crate::plain::plain;

/// One line on stderr, whatever text from the network is in the sentence.
pub(crate) fn log(sentence: &str) {
    // With stderr closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "mona-collector: {}", plain(sentence));
}
