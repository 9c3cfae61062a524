//! The reference page `OPTIONS.md`, written from the table.
//!
//! Only tests use it: one compares the committed page with what the table says now, and rewrites it when
//! asked to.

use std::fmt::Write;

use crate::config::kind::Kind;
use crate::config::row::Row;
use crate::config::table::TABLE;

const INTRODUCTION: &str = "\
# Options

Every option can come from four sources; the first one that gives a good value counts:

1. the program: `mona_options_set` in C, `Options::set` in Rust;
2. the environment variable named below, read once when a client is made; an empty one counts as unset. Where two
   are named, the first one counts if both are set;
3. the config file, a JSON object of at most 64 KiB with any of these names as keys (see `config_file`);
4. the default.

A wrong value is an error at once when the program sets it. In the environment or the config file it is one
warning in the log, and the next source counts. Options marked *strict* say where records go, whom to trust or
who you are: a wrong value of theirs, wherever it was written, is an error when a client is made, and nothing
else takes its place. A wrong value that comes into the config file later leaves what was in force.

Booleans are `true`, `false`, `1` or `0` in any case; in the config file also JSON booleans and numbers, where
every number but 0 is true. Only `disable_all` is different: it is on when any source says so, and its variable
is looked at again whenever a main context is opened.

A set-user-ID program reads no variable but `MONA_DISABLE_ALL`. Variables that begin with `MONA_` and are no
option are named in one warning.

Options marked *live* follow the config file within 3 seconds of a change. Options marked *secret* are never
shown in a log line, an error or `mona_client_describe`, and all of them are strict; of a URL only scheme, host
and port are shown. Relative paths are made absolute when the client is made.
";

fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n| option | environment variable | values | default | |\n|---|---|---|---|---|\n");
    for row in TABLE {
        let _ = writeln!(
            page,
            "| [`{name}`](#{name}) | {} | {} | {} | {} |",
            variables(row),
            values(row),
            default(row),
            marks(row),
            name = row.name
        );
    }
    for row in TABLE {
        let _ = writeln!(page, "\n## {}\n", row.name);
        let marks = marks(row);
        let marks = if marks.is_empty() { String::new() } else { format!(" · {marks}") };
        let _ = writeln!(page, "{} · {} · default {}{marks}\n", variables(row), values(row), default(row));
        let _ = writeln!(page, "{}", row.doc);
    }
    page
}

fn variables(row: &Row) -> String {
    let also = row.also.map_or_else(String::new, |also| format!(" or `{also}`"));
    format!("`{}`{also}", row.env)
}

fn values(row: &Row) -> String {
    match row.kind {
        Kind::Text => "text".to_owned(),
        Kind::Host => "host name or address".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::Endpoint => "URL, or several with commas".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Headers => "`Name: value` lines".to_owned(),
        Kind::Fields => "field names with commas".to_owned(),
        Kind::Bool => "boolean".to_owned(),
        Kind::Switch => "`auto` or boolean".to_owned(),
        Kind::Print => "boolean or `stderr`".to_owned(),
        Kind::Integer { min, max } => format!("{min} to {max} {}", row.unit).trim_end().to_owned(),
        Kind::Rate => "number from 0 to 1".to_owned(),
        Kind::Rates => "JSON object of numbers from 0 to 1".to_owned(),
        Kind::Choice(words) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<String>>().join(", ")
        }
    }
}

fn default(row: &Row) -> String {
    if row.default.is_empty() { "empty".to_owned() } else { format!("`{}`", row.default) }
}

fn marks(row: &Row) -> &'static str {
    match (row.secret, row.live, row.strict) {
        (true, _, _) => "secret",
        (_, true, _) => "live",
        (_, _, true) => "strict",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn options_reference_is_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../OPTIONS.md");
        if std::env::var_os("MONA_WRITE_OPTIONS_MD").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == page(), "OPTIONS.md differs from the table; \"make options\" writes it again");
    }
}
