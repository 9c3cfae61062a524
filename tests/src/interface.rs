//! The names of the C interface, read from where they are declared or built.
//!
//! The tests compare these lists with each other: the header, the shared object and the committed list
//! name the same functions.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::program::expect_success;

/// The functions that a header declares. Inline functions and macros are not among them.
pub fn functions_of_header(header: &str) -> BTreeSet<String> {
    let code = without_comments(header);
    let declarations = code.split(';').filter(|part| part.trim_end().ends_with(')'));
    declarations.filter_map(declared_function).collect()
}

fn declared_function(declaration: &str) -> Option<String> {
    let (start, _) = declaration.split_once('(')?;
    if declaration.contains('{') && !declaration.contains("extern \"C\" {") {
        return None;
    }
    let name = start.rsplit([' ', '*', '\n']).next()?;
    (name.starts_with("mona_") && !declaration.contains("typedef")).then(|| name.to_owned())
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut code = String::with_capacity(text.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// All symbols that a shared object offers to programs.
///
/// # Errors
///
/// When `nm` is missing or cannot read the object.
pub fn exported_symbols(shared: &Path) -> io::Result<BTreeSet<String>> {
    let mut nm = Command::new("nm");
    nm.args(["-D", "--defined-only", "--format=posix"]).arg(shared);
    let listing = expect_success(&mut nm)?;
    Ok(listing.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}
