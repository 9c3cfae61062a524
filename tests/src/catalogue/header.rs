//! Reads the items of `include/mona.h`: a comment of the form `/** ... */` and the declaration behind it.
//!
//! cbindgen writes that file, so its form is known: an empty line ends a declaration, a member of a struct has a comment
//! of its own, parameters are separated by commas and stand behind their type. Macros with arguments and inline functions
//! are left out: no other language can call them.

use std::collections::BTreeMap;

/// What a comment says, its lines joined.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Doc {
    /// All but what is about parameters and the result, a paragraph a line.
    pub text: String,
    /// By the name of the parameter.
    pub parameters: BTreeMap<String, String>,
    /// What it answers.
    pub returns: String,
}

/// A member of a struct or a union.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    /// Its type, in C.
    pub of: String,
    pub doc: String,
}

/// What an item is.
#[derive(Debug)]
pub(super) enum Shape {
    /// A macro without arguments, by its value.
    Constant(String),
    Struct(Vec<Member>),
    Union(Vec<Member>),
    /// A struct whose members are nobody's business.
    Handle,
    Function {
        returns: String,
        parameters: Vec<(String, String)>,
    },
}

/// An item of the interface.
#[derive(Debug)]
pub(super) struct Item {
    pub name: String,
    pub doc: Doc,
    pub shape: Shape,
}

/// All items in their order. An error is a sentence.
pub(super) fn items(header: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut lines = header.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(begin) = line.strip_prefix("/**") else { continue };
        let mut comment = vec![begin];
        let mut last = line;
        while !last.ends_with("*/") {
            last = lines.next().ok_or("a comment does not end")?;
            comment.push(last);
        }
        let mut declaration = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.is_empty() && !line.starts_with("/**")) {
            declaration.push(line);
            // Others may follow without an empty line.
            if line.starts_with("#define") && !line.ends_with('\\') {
                break;
            }
        }
        let doc = doc(&comment);
        if let Some((name, shape)) = shape(&declaration)? {
            items.push(Item { name, doc, shape });
        }
    }
    Ok(items)
}

/// The words of a comment without what frames them.
fn unframed<'a>(comment: &[&'a str]) -> Vec<&'a str> {
    let lines = comment.iter().map(|line| {
        let line = line.trim_end_matches("*/").trim_end();
        let bare = line.trim_start();
        // The indent behind the star tells code from words.
        bare.strip_prefix("* ").unwrap_or_else(|| bare.strip_prefix('*').unwrap_or(bare))
    });
    lines.collect()
}

fn doc(comment: &[&str]) -> Doc {
    let mut doc = Doc::default();
    // Where the lines that follow belong: a parameter, the result, or the text.
    let mut paragraphs: Vec<String> = Vec::new();
    let mut current: Option<String> = None;
    for line in unframed(comment) {
        let bare = line.trim();
        if let Some(rest) = bare.strip_prefix("@param ") {
            let (name, words) = rest.split_once(' ').unwrap_or((rest, ""));
            doc.parameters.insert(name.to_owned(), words.trim().to_owned());
            current = Some(name.to_owned());
        } else if let Some(words) = bare.strip_prefix("@return ") {
            words.trim().clone_into(&mut doc.returns);
            current = Some(String::new());
        } else if bare.is_empty() {
            current = None;
            paragraphs.push(String::new());
        } else if let Some(name) = &current {
            let place = match name.as_str() {
                "" => &mut doc.returns,
                name => doc.parameters.entry(name.to_owned()).or_default(),
            };
            join(place, bare);
        } else {
            if paragraphs.is_empty() {
                paragraphs.push(String::new());
            }
            let is_code = line.starts_with("  ");
            match paragraphs.last_mut() {
                Some(place) if is_code && !place.is_empty() => {
                    place.push('\n');
                    place.push_str(line.trim_end());
                }
                Some(place) if is_code => place.push_str(line.trim_end()),
                Some(place) => join(place, bare),
                None => {}
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    doc.text = paragraphs.join("\n");
    doc
}

fn join(place: &mut String, words: &str) {
    if !place.is_empty() {
        place.push(' ');
    }
    place.push_str(words);
}

/// The name and what it is; none: nothing for other languages.
fn shape(declaration: &[&str]) -> Result<Option<(String, Shape)>, String> {
    let Some(first) = declaration.first() else { return Ok(None) };
    if let Some(define) = first.strip_prefix("#define ") {
        let Some((name, value)) = define.split_once(' ') else { return Ok(None) };
        let is_constant = !name.contains('(') && !name.ends_with('_') && !value.contains("static_cast");
        return Ok(is_constant.then(|| (name.to_owned(), Shape::Constant(value.trim().to_owned()))));
    }
    if first.starts_with('#') || first.starts_with("MONA_INLINE_") || first.starts_with("template") {
        return Ok(None);
    }
    if let Some(rest) = first.strip_prefix("typedef ") {
        return typedef(rest, declaration);
    }
    let whole = declaration.join(" ");
    let bare = whole.trim_start_matches("MONA_MUST_USE").trim_start_matches("MONA_SHOULD_USE").trim();
    let Some(bare) = bare.strip_suffix(");") else { return Err(format!("{whole}: not understood")) };
    let (start, list) = bare.split_once('(').ok_or_else(|| format!("{whole}: no parameters"))?;
    let (name, returns) = named(start);
    let parameters = list.split(',').filter(|part| part.trim() != "void").map(named).collect();
    Ok(Some((name, Shape::Function { returns, parameters })))
}

fn typedef(rest: &str, declaration: &[&str]) -> Result<Option<(String, Shape)>, String> {
    let mut words = rest.split_whitespace();
    let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let name = name.trim_end_matches(';').to_owned();
    match (kind, rest.ends_with('{')) {
        ("struct", true) => Ok(Some((name, Shape::Struct(members(declaration)?)))),
        ("union", true) => Ok(Some((name, Shape::Union(members(declaration)?)))),
        ("struct", false) => Ok(Some((name, Shape::Handle))),
        // A number or a function, whose types every language writes out.
        _ => Ok(None),
    }
}

fn members(declaration: &[&str]) -> Result<Vec<Member>, String> {
    let mut members = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in declaration.iter().skip(1).map(|line| line.trim()) {
        if line.starts_with("/**") || line.starts_with('*') {
            comment.push(line.trim_start_matches("/**"));
        } else if let Some(member) = line.strip_suffix(';').filter(|line| !line.starts_with('}')) {
            let (name, of) = named(member);
            members.push(Member { name, of, doc: doc(&comment).text });
            comment.clear();
        } else if !line.starts_with('}') {
            return Err(format!("{line}: no member of a struct"));
        }
    }
    Ok(members)
}

/// The name behind a type, and the type, whose stars stand with it.
fn named(declaration: &str) -> (String, String) {
    let bare = declaration.trim();
    let end = bare.rfind([' ', '*']).map_or(0, |at| at + 1);
    let (of, name) = bare.split_at(end);
    (name.to_owned(), of.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\
#include <stddef.h>

/** One. */
#define MONA_ONE 1
/**
 * Two
 * lines.
 */
#define MONA_TWO 0.5

/** Not one. */
#define MONA_ADD(a, b) ((a) + (b))

/**
 * A pair.
 */
typedef struct mona_pair {
  /**
   * The text.
   * NULL: none.
   */
  const char *text;
  /** A number. */
  size_t number;
} mona_pair;

/** Opaque. */
typedef struct mona_thing mona_thing;

/**
 * Does it.
 *
 *   mona_do(thing);
 *   mona_do(NULL);
 *
 * @param thing  The thing;
 *               not NULL.
 * @param out    Gets it.
 * @return MONA_OK;
 *         others.
 *
 * Threads: any.
 */
MONA_MUST_USE
mona_status mona_do(const struct mona_thing *thing,
                    mona_thing **out);

/** None. */
MONA_MUST_USE const char *mona_none(void);
";

    #[test]
    fn every_form_is_understood() {
        let items = items(HEADER).unwrap();
        let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["MONA_ONE", "MONA_TWO", "mona_pair", "mona_thing", "mona_do", "mona_none"]);
        assert_eq!(items[1].doc.text, "Two lines.");
        assert!(matches!(&items[1].shape, Shape::Constant(value) if value == "0.5"));
        let Shape::Struct(members) = &items[2].shape else { panic!("{:?}", items[2]) };
        assert_eq!((members[0].name.as_str(), members[0].of.as_str()), ("text", "const char *"));
        assert_eq!(members[0].doc, "The text. NULL: none.");
        let Shape::Function { returns, parameters } = &items[4].shape else { panic!("{:?}", items[4]) };
        assert_eq!(returns, "mona_status");
        assert_eq!(parameters[0], ("thing".to_owned(), "const struct mona_thing *".to_owned()));
        assert_eq!(parameters[1], ("out".to_owned(), "mona_thing **".to_owned()));
        assert_eq!(items[4].doc.text, "Does it.\n  mona_do(thing);\n  mona_do(NULL);\nThreads: any.");
        assert_eq!(items[4].doc.parameters["thing"], "The thing; not NULL.");
        assert_eq!(items[4].doc.returns, "MONA_OK; others.");
        let Shape::Function { returns, parameters } = &items[5].shape else { panic!("{:?}", items[5]) };
        assert_eq!((returns.as_str(), parameters.len()), ("const char *", 0));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for wrong in ["/** a */\nint x;\n", "/** a\n", "/** a */\ntypedef struct a {\n  what\n} a;\n"] {
            assert!(items(wrong).is_err(), "{wrong}");
        }
    }
}
