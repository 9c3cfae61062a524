//! A JSON array of events, handed out one by one.
//!
//! The whole text is checked as grammar before the first event, so that a torn batch sends nothing. What
//! each event says is looked at only when it comes; its message stays text, and its limits are those of
//! [`json_message`](super::json_message). The array itself has none.

use crate::diag::error::{Error, Result, Status};
use crate::encode::arc_class::ArcClass;
use crate::encode::json::{self, Grammar, JsonError, Lexer};
use crate::encode::json_text::check_text;
use crate::encode::limits::Limits;
use crate::encode::timestamp::Timestamp;
use std::borrow::Cow;

/// One event of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchEvent<'a> {
    /// The text of the message, any JSON value; `None` where the event has none.
    pub message: Option<&'a [u8]>,
    /// The ARC class; `None` where it is null or another empty value.
    pub arc_class: Option<ArcClass<'a>>,
    /// The full context id.
    pub context_id: Option<Cow<'a, str>>,
    /// The timestamp of both the class and the message.
    pub timestamp: Timestamp,
}

/// The events of a batch in their order. An item that is not an event, because it is no object, its class
/// cannot be encoded or its id is neither text nor null, is an error of its own; the next one follows all the same.
#[derive(Debug)]
pub struct Batch<'a> {
    lexer: Lexer<'a>,
    grammar: Grammar,
    limits: &'a Limits,
    taken: usize,
}

impl<'a> Batch<'a> {
    /// Takes the text of a JSON array. The limits are those of what stands beside a message.
    ///
    /// # Errors
    /// `Status::Utf8`, or `Status::Json` when the text is not one JSON array.
    pub fn new(text: &'a [u8], limits: &'a Limits) -> Result<Batch<'a>> {
        const LABEL: &str = "batch JSON";
        check_text(LABEL, text)?;
        let mut lexer = Lexer::new(text);
        let mut grammar = Grammar::default();
        check(&mut lexer, &mut grammar).map_err(|error| error.explain(LABEL, text))?;
        let mut lexer = Lexer::new(text);
        lexer.require(b'[', "an array").map_err(|error| error.explain(LABEL, text))?;
        Ok(Batch { lexer, grammar, limits, taken: 0 })
    }

    fn event(&mut self) -> std::result::Result<Result<BatchEvent<'a>>, JsonError> {
        let number = self.taken;
        if self.lexer.token() != Some(b'{') {
            let item = self.value()?;
            return Ok(Err(malformed(number, "the event", item, "an object")));
        }
        self.lexer.bump();
        let (mut message, mut class, mut id, mut time) = (None, None, None, None);
        while self.lexer.token() == Some(b'"') {
            let key = self.lexer.string()?;
            self.lexer.require(b':', "a \":\"")?;
            let value = self.value()?;
            match json::decoded(key).as_deref() {
                Ok("message") => message = Some(value),
                Ok("arc_class") => class = Some(value),
                Ok("context_id") => id = Some(value),
                Ok("export_timestamp") => time = Some(value),
                _ => {}
            }
            if self.lexer.token() == Some(b',') {
                self.lexer.bump();
                self.lexer.token();
            }
        }
        self.lexer.require(b'}', "a \"}\"")?;
        let event = || {
            Ok(BatchEvent {
                message,
                arc_class: class.map_or(Ok(None), |class| arc_class(number, class, self.limits))?,
                context_id: text_or_null(number, "context_id", id)?,
                timestamp: time.map_or(Timestamp::Now, |time| Timestamp::from_json(time, self.limits)),
            })
        };
        Ok(event())
    }

    /// The text of the next value.
    fn value(&mut self) -> std::result::Result<&'a [u8], JsonError> {
        self.lexer.token();
        let start = self.lexer.at();
        self.grammar.skip(&mut self.lexer)?;
        Ok(self.lexer.since(start))
    }
}

impl<'a> Iterator for Batch<'a> {
    type Item = Result<BatchEvent<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.lexer.token()? {
            b']' => return None,
            b',' => self.lexer.bump(),
            _ => {}
        }
        self.taken += 1;
        // The text has been checked; an error here would be the end.
        self.event().ok()
    }
}

fn check(lexer: &mut Lexer<'_>, grammar: &mut Grammar) -> std::result::Result<(), JsonError> {
    if lexer.token() != Some(b'[') {
        return Err(lexer.expected("an array"));
    }
    grammar.skip(lexer)?;
    lexer.end()
}

fn arc_class<'a>(number: usize, value: &'a [u8], limits: &Limits) -> Result<Option<ArcClass<'a>>> {
    ArcClass::from_json(value, limits)
        .map_err(|error| error.explain(&format!("arc_class of batch event {number}"), value))
}

fn text_or_null<'a>(number: usize, name: &str, value: Option<&'a [u8]>) -> Result<Option<Cow<'a, str>>> {
    let Some(value) = value else { return Ok(None) };
    match value.first() {
        Some(b'n') => Ok(None),
        Some(b'"') => Lexer::new(value)
            .string()
            .and_then(json::decoded)
            .map(Some)
            .map_err(|error| error.explain(&format!("{name} of batch event {number}"), value)),
        _ => Err(malformed(number, name, value, "text or null")),
    }
}

#[cold]
fn malformed(number: usize, name: &str, value: &[u8], expected: &str) -> Error {
    let found = match value.first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    Error::new(Status::Json, format!("batch event {number}: {name} is {found}, {expected} is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 60, keeps_nonfinite: false };

    fn all(text: &str) -> Vec<Result<BatchEvent<'_>>> {
        Batch::new(text.as_bytes(), &LIMITS).unwrap().collect()
    }

    fn event(message: Option<&str>) -> BatchEvent<'_> {
        BatchEvent {
            message: message.map(str::as_bytes),
            arc_class: None,
            context_id: None,
            timestamp: Timestamp::Now,
        }
    }

    #[test]
    fn events_come_in_order_as_they_stand() {
        let events = all(
            r#" [ {"message": {"a" : [1, {"b":2}]} , "arc_class":"A","context_id":"x.y","export_timestamp":1500000000.9},
            {"other":[{}],"message":5},{},{"message":null,"arc_class":null,"context_id":""} ] "#,
        );
        let events: Vec<_> = events.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            events,
            [
                BatchEvent {
                    message: Some(br#"{"a" : [1, {"b":2}]}"#),
                    arc_class: Some("A".into()),
                    context_id: Some("x.y".into()),
                    timestamp: Timestamp::At(1500000000),
                },
                event(Some("5")),
                event(None),
                BatchEvent { context_id: Some("".into()), ..event(Some("null")) },
            ]
        );
        assert_eq!(all("[]"), []);
        assert_eq!(all(" [ \n ] "), []);
    }

    #[test]
    fn the_last_of_repeated_keys_counts_however_it_is_written() {
        let text = r#"[{"message":1,"arc_class":5,"\u006dessage":{"b":2},"arc_class":"\u00e9\n","context_id":"i","context_id":null}]"#;
        let expected = BatchEvent { arc_class: Some("\u{e9}\n".into()), ..event(Some(r#"{"b":2}"#)) };
        assert_eq!(all(text), [Ok(expected)]);
    }

    #[test]
    fn a_class_of_another_kind_passes_as_it_stands() {
        for none in ["null", "false", "0", "-0", "0.0", "-0.0", "\"\"", "[]", "{}", "[ ]"] {
            let text = format!(r#"[{{"message":1,"arc_class":{none}}}]"#);
            assert_eq!(all(&text), [Ok(event(Some("1")))], "{none}");
        }
        let other = |msgpack: &[u8]| Some(ArcClass::Other(msgpack.into()));
        for (class, expected) in [
            ("\"x\"", Some("x".into())),
            ("true", other(&[0xc3])),
            ("7", other(&[7])),
            ("[\"x\"]", other(&[0x91, 0xa1, b'x'])),
            ("{\"k\":1}", other(&[0x81, 0xa1, b'k', 1])),
        ] {
            let text = format!(r#"[{{"message":1,"arc_class":{class}}}]"#);
            assert_eq!(all(&text), [Ok(BatchEvent { arc_class: expected, ..event(Some("1")) })], "{class}");
        }
    }

    #[test]
    fn malformed_events_do_not_stop_the_others() {
        let text = r#"[5,[{"message":1}],"x",{"message":1,"arc_class":18446744073709551616},{"message":1,"context_id":[]},
            {"message":1,"context_id":"\ud800"},{"message":{"v":123456789012345678901234567890}}]"#;
        let events = all(text);
        assert_eq!(events.len(), 7);
        for (event, detail) in events.iter().zip([
            "batch event 1: the event is a number, an object is expected",
            "batch event 2: the event is an array, an object is expected",
            "batch event 3: the event is text, an object is expected",
            "arc_class of batch event 4: integer out of range at byte 0, a whole number from \
             -9223372036854775808 to 18446744073709551615 is expected",
            "batch event 5: context_id is an array, text or null is expected",
            "context_id of batch event 6: half of a surrogate pair at byte 1, a pair or another character is expected",
        ]) {
            let error = event.as_ref().unwrap_err();
            assert_eq!((error.status(), error.detail()), (Status::Json, detail));
        }
        assert_eq!(events[6], Ok(event(Some(r#"{"v":123456789012345678901234567890}"#))));
    }

    #[test]
    fn a_torn_batch_hands_out_nothing() {
        for (text, status) in [
            (&b"{}"[..], Status::Json),
            (b"", Status::Json),
            (b"null", Status::Json),
            (b"[{\"message\":{\"a\":1}},]", Status::Json),
            (b"[{\"message\":{\"a\":1}}", Status::Json),
            (b"[{\"message\":{\"a\":01}}]", Status::Json),
            (b"[] []", Status::Json),
            (b"[\"\xff\"]", Status::Utf8),
        ] {
            assert_eq!(Batch::new(text, &LIMITS).unwrap_err().status(), status, "{}", text.escape_ascii());
        }
        let detail = Batch::new(b" 7", &LIMITS).unwrap_err().detail().to_owned();
        assert_eq!(detail, "batch JSON: unexpected \"7\" at byte 1, an array is expected");
    }

    #[test]
    fn deep_and_long_batches_pass() {
        let deep = format!("[{{\"message\":{}{}}}]", "[".repeat(300_000), "]".repeat(300_000));
        assert_eq!(all(&deep).len(), 1);
        let long = format!("[{}{{}}]", "{\"message\":{\"a\":1}},".repeat(50_000));
        assert_eq!(all(&long).len(), 50_001);
    }
}
