//! Reads the core's tables from their sources: the rows of options, the sentences of statuses, the types of constants.
//!
//! The documentation of options is in no build of the library, so the sources are the only place where all of it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use syn::{Expr, Item, Lit};

/// What numbers or words an option takes.
pub(super) enum Choice {
    Any,
    Between(u64, u64),
    Of(Vec<String>),
}

/// A row of the table of options.
pub(super) struct OptionRow {
    pub name: String,
    pub environment: String,
    /// Another name in the environment, which counts where the first one is not set.
    pub also: Option<String>,
    /// The kind in lower case: "text", "integer".
    pub kind: String,
    pub choice: Choice,
    pub default: String,
    pub unit: Option<String>,
    /// "secret", "strict", "live".
    pub marks: Vec<String>,
    pub doc: String,
}

/// The names of values in a file, for where a table names them.
type Names<'a> = BTreeMap<String, &'a Expr>;

/// The rows of `TABLE` in this source.
pub(super) fn options(source: &str) -> io::Result<Vec<OptionRow>> {
    let file = syn::parse_file(source).map_err(io::Error::other)?;
    let names: Names<'_> = file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Const(one) => Some((one.ident.to_string(), &*one.expr)),
            Item::Static(one) => Some((one.ident.to_string(), &*one.expr)),
            _ => None,
        })
        .collect();
    let table = names.get("TABLE").ok_or_else(|| unknown("TABLE", "no such static"))?;
    let Expr::Reference(table) = table else { return Err(unknown("TABLE", "no slice")) };
    let Expr::Array(rows) = &*table.expr else { return Err(unknown("TABLE", "no list")) };
    rows.elems.iter().map(|row| read_row(row, &names)).collect()
}

fn unknown(what: &str, found: &str) -> io::Error {
    io::Error::other(format!("{what}: {found}, a form that the catalogue knows is expected"))
}

/// `row("name", "ENVIRONMENT", Kind::Text, "default", "doc").strict()`, or `integer` with its bounds for the kind.
fn read_row(row: &Expr, names: &Names<'_>) -> io::Result<OptionRow> {
    let mut row = row;
    let mut calls = Vec::new();
    while let Expr::MethodCall(call) = row {
        let given = call.args.first().map(|word| text(word, names)).transpose()?;
        calls.push((call.method.to_string(), given));
        row = &call.receiver;
    }
    let Expr::Call(call) = row else { return Err(unknown("a row", "no call")) };
    let arguments: Vec<&Expr> = call.args.iter().collect();
    let (kind, choice, rest) = match (path(&call.func).as_str(), arguments.as_slice()) {
        ("row", [_, _, kind, rest @ ..]) => {
            let (kind, choice) = read_kind(kind, names)?;
            (kind, choice, rest)
        }
        ("integer", [_, _, least, most, rest @ ..]) => {
            let choice = Choice::Between(number(least, names)?, number(most, names)?);
            ("integer".to_owned(), choice, rest)
        }
        (other, _) => return Err(unknown(other, "no row")),
    };
    let ([name, environment, ..], [default, doc]) = (arguments.as_slice(), rest) else {
        return Err(unknown("a row", "other arguments"));
    };
    let mut found = OptionRow {
        name: text(name, names)?,
        environment: text(environment, names)?,
        also: None,
        kind,
        choice,
        default: text(default, names)?,
        unit: None,
        marks: Vec::new(),
        doc: text(doc, names)?,
    };
    // They were met from the end.
    for (method, given) in calls.into_iter().rev() {
        match method.as_str() {
            "also" => found.also = given,
            "unit" => found.unit = given,
            "secret" | "strict" | "live" => found.marks.push(method),
            other => return Err(unknown(other, "no mark of a row")),
        }
    }
    Ok(found)
}

/// `Kind::Text` or `Kind::Choice(&["a", "b"])`.
fn read_kind(kind: &Expr, names: &Names<'_>) -> io::Result<(String, Choice)> {
    if let Expr::Call(call) = kind {
        let Some(Expr::Reference(words)) = call.args.first() else {
            return Err(unknown("a kind", "no words"));
        };
        let Expr::Array(words) = &*words.expr else { return Err(unknown("a kind", "no list of words")) };
        let words: io::Result<Vec<String>> = words.elems.iter().map(|word| text(word, names)).collect();
        return Ok((path(&call.func).to_lowercase(), Choice::Of(words?)));
    }
    Ok((path(kind).to_lowercase(), Choice::Any))
}

/// The last part of a path.
fn path(expression: &Expr) -> String {
    match expression {
        Expr::Path(path) => path.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A literal, or what a name stands for.
fn literal<'a>(expression: &'a Expr, names: &Names<'a>) -> Option<&'a Lit> {
    match expression {
        Expr::Lit(literal) => Some(&literal.lit),
        Expr::Path(_) => names.get(&path(expression)).and_then(|named| match named {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        }),
        _ => None,
    }
}

fn text(expression: &Expr, names: &Names<'_>) -> io::Result<String> {
    match literal(expression, names) {
        Some(Lit::Str(text)) => Ok(text.value()),
        _ => Err(unknown("a row", "no text")),
    }
}

fn number(expression: &Expr, names: &Names<'_>) -> io::Result<u64> {
    match literal(expression, names) {
        Some(Lit::Int(number)) => number.base10_parse().map_err(io::Error::other),
        _ => Err(unknown("a row", "no whole number")),
    }
}

/// The sentences of `Status::text` in this source, by the numbers of the statuses.
pub(super) fn sentences(source: &str) -> io::Result<Vec<(i64, String)>> {
    let file = syn::parse_file(source).map_err(io::Error::other)?;
    let none = Names::new();
    let mut numbers = BTreeMap::new();
    let mut texts = Vec::new();
    for item in &file.items {
        match item {
            Item::Enum(of) if of.ident == "Status" => {
                for variant in &of.variants {
                    let Some((_, value)) = &variant.discriminant else { continue };
                    numbers.insert(variant.ident.to_string(), number(value, &none)?);
                }
            }
            Item::Impl(of) => texts.extend(of.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) if function.sig.ident == "text" => function.block.stmts.first(),
                _ => None,
            })),
            _ => {}
        }
    }
    let [syn::Stmt::Expr(Expr::Match(arms), _)] = texts.as_slice() else {
        return Err(unknown("Status::text", "no single match"));
    };
    let read = arms.arms.iter().map(|arm| {
        let syn::Pat::Path(status) = &arm.pat else { return Err(unknown("Status::text", "no name")) };
        let name = status.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
        let number = numbers.get(&name).ok_or_else(|| unknown(&name, "no status"))?;
        Ok((i64::try_from(*number).map_err(io::Error::other)?, text(&arm.body, &none)?))
    });
    read.collect()
}

/// The types of the public constants of these sources, as C has them.
pub(super) fn constants(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let file = syn::parse_file(&fs::read_to_string(&path)?).map_err(io::Error::other)?;
        for item in &file.items {
            let Item::Const(one) = item else { continue };
            let name = one.ident.to_string();
            let syn::Type::Path(of) = &*one.ty else { continue };
            let of = of.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
            let c = match of.as_str() {
                "i32" => "int32_t",
                "u32" => "uint32_t",
                "u64" => "uint64_t",
                "f64" => "double",
                "mona_status" => "mona_status",
                _ => continue,
            };
            if name.starts_with("MONA_") {
                found.insert(name, c.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_the_names_they_use() {
        let source = r#"
            const MOST: u64 = 3_600;
            const NOBODY: &str = "none";
            static TABLE: &[Row] = &[
                row("user", "MONA_USER", Kind::Text, NOBODY, "Two \
                    lines.").strict().also("MONA_WHO"),
                integer("wait_ms", "MONA_WAIT_MS", 1, MOST, "5", "How long.").unit("ms").live(),
                row("way", "MONA_WAY", Kind::Choice(&["a", "b"]), "a", "Which."),
            ];
        "#;
        let rows = options(source).unwrap();
        assert_eq!((rows[0].default.as_str(), rows[0].doc.as_str()), ("none", "Two lines."));
        assert_eq!(
            (rows[0].also.as_deref(), rows[0].marks.join(" ")),
            (Some("MONA_WHO"), "strict".to_owned())
        );
        assert!(matches!(rows[1].choice, Choice::Between(1, 3_600)));
        assert_eq!((rows[1].unit.as_deref(), rows[1].kind.as_str()), (Some("ms"), "integer"));
        assert!(matches!(&rows[2].choice, Choice::Of(words) if words == &["a", "b"]));
        assert!(options("static TABLE: &[Row] = &[other()];").is_err());
    }
}
