//! The field's words, said in plain English where a reader meets them first.

use maud::{Markup, html};

/// A word and what it means.
pub(crate) struct Word {
    /// Its place on the page of words.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) const ARC: Word = Word {
    id: "arc",
    name: "ARC",
    meaning: "An algorithm run context: one run of an algorithm. Everything exported in one context, and in the \
              sub-contexts below it, is one ARC.",
};
pub(crate) const CLASS: Word = Word {
    id: "class",
    name: "ARC class",
    meaning: "The name that runs of the same algorithm share, given when a context is opened. Each stage of a run \
              can have a class of its own, in a sub-context.",
};
pub(crate) const KAPI: Word = Word {
    id: "kapi",
    name: "KAPI",
    meaning: "A field that tells how the algorithm performs: a confidence, an error, a duration, a count. Every field \
              that is a number, or true or false, can be looked at as one.",
};
pub(crate) const DIMENSION: Word = Word {
    id: "dimension",
    name: "Dimension",
    meaning: "A field that KAPIs are split by: a country, a model version, a label. Each of its values is a segment, \
              so that one segment can be compared with the rest.",
};
pub(crate) const CONTEXT: Word = Word {
    id: "context",
    name: "Context",
    meaning: "A context is where a program exports to; its id names the ARC. A sub-context is a stage inside, with an \
              id of its own behind a dot, such as 4f2c.detect. The fields of a stage are written with its class \
              before them: detect.label.",
};
pub(crate) const EVENT: Word = Word {
    id: "event",
    name: "Event",
    meaning: "What one call of export sends: some fields, a time and a context. The fields of all events of a context \
              are put together; of one name the latest value counts, the others stay in the events.",
};
pub(crate) const CHUNK: Word = Word {
    id: "chunk",
    name: "Chunk",
    meaning: "Some events that a client sends together and that are acknowledged together. A chunk whose \
              acknowledgement is lost comes twice; its events are then duplicates.",
};

/// All of them.
pub(crate) const ALL: [&Word; 7] = [&ARC, &CLASS, &CONTEXT, &EVENT, &KAPI, &DIMENSION, &CHUNK];

/// A question that opens to the answer, for the place where a word appears first.
pub(crate) fn what_is(words: &[&Word]) -> Markup {
    let names: Vec<&str> = words.iter().map(|word| word.name).collect();
    html! {
        details.words {
            summary { "What is " (list(&names)) "?" }
            dl {
                @for word in words {
                    dt { (word.name) }
                    dd { (word.meaning) }
                }
            }
        }
    }
}

fn list(names: &[&str]) -> String {
    let article = |name: &str| {
        let vowel = name.starts_with(['A', 'E', 'I', 'O', 'U']);
        let name = if name.chars().nth(1).is_some_and(char::is_lowercase) {
            name.to_lowercase()
        } else {
            name.to_owned()
        };
        format!("{} {name}", if vowel { "an" } else { "a" })
    };
    let names: Vec<String> = names.iter().map(|name| article(name)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_reads_well() {
        let text = what_is(&[&ARC, &KAPI, &DIMENSION]).into_string();
        assert!(text.contains("What is an ARC, a KAPI and a dimension?"), "{text}");
    }
}
