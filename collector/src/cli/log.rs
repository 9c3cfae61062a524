//! What the program says about itself while it runs.

use std::io::{self, Write};

/// One line on stderr; text from the network is escaped before it comes here.
pub(crate) fn log(sentence: &str) {
    // With stderr closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "mona-collector: {sentence}");
}
