//! Runs one case on every way of the encoder and compares what comes with what the model says.

use crate::case::{Case, Entry, Input, LIMITS};
use crate::fence;
use crate::model::{self, Class, Judged, Verdict};
use crate::pages::Pages;
use crate::rules::{self, Rules};
use crate::typed::Typed;
use mona::fuzz::{
    self, Batch, Error, Field, FieldText, FieldValue, Limits, Outcome, Result, Scratch, Status,
};
use std::fmt::Write;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What one thread keeps between its cases.
pub(crate) struct Bench {
    ways: Vec<Way>,
    rules: Vec<Rules>,
    pages: Pages,
    out: Vec<u8>,
}

struct Way {
    name: &'static str,
    /// Kept between cases as in a real thread: what one event leaves behind must not matter to the next.
    scratch: Scratch,
}

/// What is wrong, on which way.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub way: &'static str,
    pub what: String,
}

/// What stands in the output before the message.
const BEFORE: &[u8] = b"before";
// One event as large as it gets in any form.
const ROOM: usize = 1 << 20;

/// What an entry answered.
type Answer = Result<Outcome>;

impl Bench {
    /// Working memory, for all the ways that this machine can take.
    pub(crate) fn new() -> io::Result<Bench> {
        let ways = fuzz::ways().into_iter().map(|name| Way { name, scratch: Scratch::default() });
        Ok(Bench {
            ways: ways.collect(),
            rules: rules::all(),
            pages: Pages::new()?,
            out: Vec::with_capacity(ROOM),
        })
    }

    /// Forgets all earlier cases.
    pub(crate) fn refresh(&mut self) {
        for way in &mut self.ways {
            way.scratch = Scratch::default();
        }
    }

    /// Runs a case on every way.
    pub(crate) fn run(&mut self, case: &Case) -> std::result::Result<Class, Failure> {
        let judged: Vec<_> = case
            .inputs
            .iter()
            .map(|input| model::judge(input.entry, &input.text, input.limits, &self.rules))
            .collect();
        let mut first: Vec<Option<Answer>> = Vec::new();
        for number in 0..self.ways.len() {
            let name = self.ways[number].name;
            let fail = |what| Err(Failure { way: name, what });
            if !fuzz::take_way(name) {
                return fail("the way is gone".to_owned());
            }
            let mut fresh = (case.inputs.len() > 1).then(Scratch::default);
            for (index, (input, judged)) in case.inputs.iter().zip(&judged).enumerate() {
                let answer = match self.run_one(number, fresh.as_mut(), case, input, judged) {
                    Ok(answer) => answer,
                    Err(what) => return fail(what),
                };
                match first.get(index) {
                    Some(first) if *first != answer => {
                        return fail(format!("{answer:?}, where the first way has {first:?}"));
                    }
                    Some(_) => {}
                    None => first.push(answer),
                }
            }
        }
        Ok(judged.last().map_or(Class::Nothing, |judged| judged.class))
    }

    /// Runs one input of a case on one way. Batches have no answer to compare.
    fn run_one(
        &mut self,
        number: usize,
        fresh: Option<&mut Scratch>,
        case: &Case,
        input: &Input,
        judged: &Judged,
    ) -> std::result::Result<Option<Answer>, String> {
        let text = &input.text;
        let together = match judged.entry {
            Entry::Batch => [model::BATCH.0, text.as_slice(), model::BATCH.1].concat(),
            Entry::Typed => text_of(&judged.fields),
            _ => Vec::new(),
        };
        let lies = self.pages.put(if together.is_empty() { text } else { &together }, case.place);
        if judged.entry == Entry::Batch {
            let ended = catch_unwind(|| run_batch(lies, &judged.verdict));
            return ended.unwrap_or_else(|_| Err("a panic".to_owned())).map(|()| None);
        }
        let mut tight;
        let out = match case.room {
            Some(room) => {
                tight = Vec::with_capacity(BEFORE.len() + room);
                &mut tight
            }
            None => &mut self.out,
        };
        out.clear();
        out.extend_from_slice(BEFORE);
        let way = &mut self.ways[number];
        let scratch = match fresh {
            Some(fresh) => fresh,
            None => &mut way.scratch,
        };
        let rules = &self.rules;
        let ended = catch_unwind(AssertUnwindSafe(|| call(input.limits, lies, judged, rules, out, scratch)));
        let Ok(answer) = ended else {
            *scratch = Scratch::default();
            return Err("a panic".to_owned());
        };
        if !fence::intact(out.as_ptr(), out.capacity()) {
            // The allocator would end the program when it saw this.
            std::mem::forget(std::mem::take(out));
            self.out = Vec::with_capacity(ROOM);
            return Err("a write past the capacity of the output".to_owned());
        }
        compare(input, lies, &answer, out, judged)?;
        Ok(Some(answer))
    }
}

/// All names and texts of typed fields, one behind the other.
fn text_of(fields: &[(String, Typed)]) -> Vec<u8> {
    let mut all = Vec::new();
    for (key, value) in fields {
        all.extend_from_slice(key.as_bytes());
        if let Typed::Str(text) | Typed::Json(text) = value {
            all.extend_from_slice(text.as_bytes());
        }
    }
    all
}

/// The next `len` bytes, as text that was not looked at before.
fn next_text<'a>(rest: &mut &'a [u8], len: usize) -> Result<FieldText<'a>> {
    let (text, after) = rest.split_at(len);
    *rest = after;
    text_from(text)
}

fn text_from(bytes: &[u8]) -> Result<FieldText<'_>> {
    FieldText::new(bytes)
        .map_err(|error| Error::new(Status::Utf8, format!("a text at byte {}", error.valid_up_to())))
}

fn call(
    limits: Limits,
    text: &[u8],
    judged: &Judged,
    rules: &[Rules],
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) -> Answer {
    let limits = &limits;
    let default_rules = &rules[0].given;
    match judged.entry {
        Entry::Object => fuzz::json_object(out, text, limits, scratch)
            .map(|written| if written { Outcome::Written } else { Outcome::Filtered }),
        Entry::Message { rules: number, stamped } => {
            let stamp = stamped.then_some(model::STAMP);
            fuzz::json_message(out, text, &rules[number].given, limits, stamp, scratch)
        }
        Entry::Field => {
            let text = std::str::from_utf8(text).expect("only such texts become fields");
            let fields = [
                Field { key: model::BEFORE_FIELD.0.into(), value: FieldValue::I64(model::BEFORE_FIELD.1) },
                Field { key: model::NESTED_FIELD.into(), value: FieldValue::Json(text) },
                Field {
                    key: model::AFTER_FIELD.0.into(),
                    value: FieldValue::Str(model::AFTER_FIELD.1.into()),
                },
            ];
            fuzz::fields_message(out, &fields, default_rules, limits, None, scratch)
        }
        Entry::Text => {
            let text = text_from(text)?;
            let fields = [
                Field { key: model::BEFORE_FIELD.0.into(), value: FieldValue::I64(model::BEFORE_FIELD.1) },
                Field { key: text, value: FieldValue::Bool(true) },
                Field { key: model::NESTED_FIELD.into(), value: FieldValue::Str(text) },
                Field {
                    key: model::AFTER_FIELD.0.into(),
                    value: FieldValue::Str(model::AFTER_FIELD.1.into()),
                },
            ];
            fuzz::fields_message(out, &fields, default_rules, limits, None, scratch)
        }
        Entry::Typed => {
            let mut rest = text;
            let fields: Vec<Result<Field<'_>>> = judged
                .fields
                .iter()
                .map(|(key, value)| {
                    let key = next_text(&mut rest, key.len())?;
                    let value = match value {
                        Typed::Null => FieldValue::Null,
                        Typed::Bool(value) => FieldValue::Bool(*value),
                        Typed::I64(value) => FieldValue::I64(*value),
                        Typed::U64(value) => FieldValue::U64(*value),
                        Typed::F64(value) => FieldValue::F64(*value),
                        Typed::Str(text) => FieldValue::Str(next_text(&mut rest, text.len())?),
                        Typed::Json(text) => FieldValue::Json(next_text(&mut rest, text.len())?.as_str()),
                    };
                    Ok(Field { key, value })
                })
                .collect();
            fuzz::fields_message(out, &fields, default_rules, limits, None, scratch)
        }
        Entry::Batch => Ok(Outcome::Filtered),
    }
}

fn run_batch(text: &[u8], verdict: &Verdict) -> std::result::Result<(), String> {
    let batch = match (Batch::new(text, &LIMITS), verdict) {
        (Err(error), Verdict::Refused(statuses)) => {
            return if statuses.holds(error.status()) {
                place_of(&error, text).map(drop)
            } else {
                Err(format!("refused as {error:?}, {statuses:?} is expected"))
            };
        }
        (Err(error), _) => return Err(format!("refused: {error:?}")),
        (Ok(_), Verdict::Refused(_)) => return Err("a wrong batch was taken".to_owned()),
        (Ok(batch), _) => batch,
    };
    let Verdict::Event(Some(message)) = verdict else { return Ok(()) };
    let events: Vec<_> = batch.collect();
    match events.as_slice() {
        [Ok(event)] if event.message == text.get(message.clone()) => Ok(()),
        other => Err(format!("events {other:?}, one with bytes {message:?} is expected")),
    }
}

fn compare(
    input: &Input,
    text: &[u8],
    answer: &Answer,
    out: &[u8],
    judged: &Judged,
) -> std::result::Result<(), String> {
    let Some(message) = out.strip_prefix(BEFORE) else {
        return Err("what stood in the output has changed".to_owned());
    };
    if *answer != Ok(Outcome::Written) && !message.is_empty() {
        return Err(format!("{} bytes were left behind by {answer:?}", message.len()));
    }
    let verdict = &judged.verdict;
    match (answer, verdict) {
        (Ok(Outcome::Written), Verdict::Bytes(bytes) | Verdict::BytesOrLimit(bytes)) => {
            if message == bytes {
                Ok(())
            } else {
                Err(difference(message, bytes))
            }
        }
        (Ok(Outcome::Filtered), Verdict::Nothing) => Ok(()),
        (Ok(Outcome::Filtered), Verdict::BytesOrLimit(bytes)) if bytes.is_empty() => Ok(()),
        (Err(error), Verdict::BytesOrLimit(_)) if error.status() == Status::Limit => Ok(()),
        (Err(error), Verdict::Refused(statuses)) if statuses.holds(error.status()) => {
            check_place(input, judged.entry, text, error)
        }
        (Ok(Outcome::Written), _) => Err(format!("taken as {}, {verdict:?} is expected", hex(message))),
        _ => Err(format!("{answer:?}, {verdict:?} is expected")),
    }
}

/// The byte that an error names, if it names one.
fn place_of(error: &Error, text: &[u8]) -> std::result::Result<Option<usize>, String> {
    const WORDS: &str = " at byte ";
    let Some((_, place)) = error.detail().split_once(WORDS) else { return Ok(None) };
    let digits = place.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    match digits.parse() {
        Ok(at) if at <= text.len() => Ok(Some(at)),
        _ => Err(format!("{error:?} names a byte beyond the {} of the text", text.len())),
    }
}

/// The byte that a refusal names is the one where the text goes wrong: all before it may begin a right one.
fn check_place(input: &Input, entry: Entry, text: &[u8], error: &Error) -> std::result::Result<(), String> {
    if entry == Entry::Typed {
        // The byte is one of a nested text.
        return Ok(());
    }
    let Some(at) = place_of(error, text)? else {
        return if error.status() == Status::Limit {
            Ok(())
        } else {
            Err(format!("{error:?} names no byte"))
        };
    };
    let before = text.get(..at).unwrap_or_default();
    match error.status() {
        Status::Utf8 => {
            let valid = std::str::from_utf8(text).err().map(|error| error.valid_up_to());
            if valid == Some(at) { Ok(()) } else { Err(format!("{error:?}, byte {valid:?} is expected")) }
        }
        // The message of typed fields is itself too deep.
        Status::Limit if matches!(entry, Entry::Field | Entry::Text) && input.limits.max_depth == 0 => Ok(()),
        Status::Limit => {
            let most = input.limits.max_depth.saturating_sub(usize::from(entry == Entry::Field));
            let opens = matches!(text.get(at), Some(b'{' | b'['));
            if opens && crate::scan::look(before).depth == most {
                Ok(())
            } else {
                Err(format!("{error:?}, but no bracket too many stands there"))
            }
        }
        // Reading a prefix costs as much as all the rest: every fourth will do.
        _ if !text.len().is_multiple_of(4) || model::may_go_on(before) => Ok(()),
        _ => Err(format!("{error:?}, but the text goes wrong before that byte")),
    }
}

fn difference(ours: &[u8], expected: &[u8]) -> String {
    let same = ours.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(8);
    let part = |bytes: &[u8]| hex(&bytes[from.min(bytes.len())..(same + 24).min(bytes.len())]);
    format!(
        "{} bytes, {} are expected; from byte {from}: {}, {} is expected",
        ours.len(),
        expected.len(),
        part(ours),
        part(expected)
    )
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(64) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
