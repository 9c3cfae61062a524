//! Which events the fast path takes.

use crate::encode::fast::write_precise_record;
use crate::encode::filter::FieldRules;
use crate::encode::message::{Frame, Message, Outcome};
use crate::encode::moment::Moment;
use crate::encode::{
    Field, FieldList, FieldValue, JsonText, Limits, Output, RecordPrefix, Scratch, Shape, Timestamp, record,
    write_record,
};

const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false };
const NOW: i64 = 1_700_000_000;

/// The fields of the typical event.
const FIELDS: [(&str, &str); 7] = [
    ("model", "\"resnet50-v3\""),
    ("confidence", "0.9731"),
    ("latency_ms", "12.5"),
    ("label", "\"cat\""),
    ("batch", "32"),
    ("country", "\"IL\""),
    ("is_mobile", "true"),
];

/// The typical event with the field of this number as the last one.
fn typical(last: usize) -> String {
    let (before, behind) = FIELDS.split_at(last);
    let others = before.iter().chain(&behind[1..]);
    let fields: Vec<_> =
        others.chain(&behind[..1]).map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// The records of the same message by the slow path and by the fast one, if that takes it.
fn both(message: &impl Message, time: &Timestamp, room: usize) -> (Vec<u8>, Option<Vec<u8>>) {
    both_within(&LIMITS, message, time, room)
}

fn both_within(
    limits: &Limits,
    message: &impl Message,
    time: &Timestamp,
    room: usize,
) -> (Vec<u8>, Option<Vec<u8>>) {
    let [prefix, longer] = [7, 150].map(|len| RecordPrefix::new("user", &"c".repeat(len), Shape::default()));
    let rules = FieldRules::default();
    let mut scratch = Scratch::default();
    let mut slow = Vec::new();
    // The second time the keys are known.
    for _ in 0..2 {
        slow.clear();
        Output::to(&mut slow, |out| {
            record::begin(out, &prefix, NOW);
            let frame = Frame { rules: Some(&rules), limits, invalid_timestamp: None };
            assert_eq!(message.write(out, frame, &mut scratch), Ok(Outcome::Written));
            record::finish(out, if let Timestamp::At(seconds) = time { *seconds } else { NOW });
        });
    }
    let mut record = |prefix: &RecordPrefix| {
        let mut fast = Vec::with_capacity(room);
        let times = (NOW, time);
        Output::to(&mut fast, |out| write_record(out, prefix, times, message, limits, &mut scratch))
            .then_some(fast)
    };
    let (fast, of_two_blocks) = (record(&prefix), record(&longer));
    if let (Some(fast), Some(of_two_blocks)) = (&fast, &of_two_blocks) {
        let behind = |prefix: &RecordPrefix, record: &[u8]| {
            let mut begun = Vec::new();
            Output::to(&mut begun, |out| record::begin(out, prefix, NOW));
            record.strip_prefix(&begun[..]).unwrap().to_vec()
        };
        assert_eq!(behind(&prefix, fast), behind(&longer, of_two_blocks));
    }
    assert_eq!(fast.is_some(), of_two_blocks.is_some());
    let precise = RecordPrefix::new("user", "ccccccc", Shape { is_precise: true, ..Shape::default() });
    let now = Moment { seconds: NOW, nanoseconds: 123_456_789, is_whole: false };
    let mut of_precise = Vec::with_capacity(room);
    let is_whole = Output::to(&mut of_precise, |out| {
        write_precise_record(out, &precise, (now, time), message, limits, &mut scratch)
    });
    if let (Some(fast), true) = (&fast, is_whole) {
        // Behind the times, of five bytes and of ten, they are the same.
        assert_eq!(of_precise[11..], fast[6..]);
        assert_eq!(Moment::read(&of_precise[1..11]), Some((now, &[][..])));
    }
    assert!(is_whole || fast.is_none(), "there is room for a little more");
    (slow, fast)
}

#[test]
fn it_takes_the_typical_event_whichever_field_is_last() {
    for last in 0..FIELDS.len() {
        let text = typical(last);
        assert_eq!(text.len(), 118);
        // The text ends where its allocation does.
        let text = text.into_bytes().into_boxed_slice();
        let (slow, fast) = both(&JsonText::of_event(&text), &Timestamp::Now, 4096);
        assert_eq!(fast, Some(slow), "{last}");
    }
}

#[test]
fn it_takes_typed_fields_and_what_is_unusual_among_them() {
    let mut fields = [
        Field { key: "model".into(), value: FieldValue::Str("resnet50-v3".into()) },
        Field { key: "confidence".into(), value: FieldValue::F64(0.9731) },
        Field { key: "batch".into(), value: FieldValue::I64(-7) },
        Field { key: "shape".into(), value: FieldValue::Json("[1,2]") },
        Field { key: "is_mobile".into(), value: FieldValue::Bool(true) },
    ];
    for number in 0..fields.len() {
        let (slow, fast) = both(&FieldList(&fields), &Timestamp::At(1_600_000_000), 4096);
        assert_eq!(fast, Some(slow), "{number}");
        fields[number].value = FieldValue::Null;
    }
}

#[test]
fn it_takes_numbers_that_are_none() {
    let numbers = [f64::NAN, 0.5, f64::INFINITY, f64::NEG_INFINITY];
    let names = ["loss", "confidence", "highest", "lowest"];
    let mut fields = [Field { key: "".into(), value: FieldValue::Null }; 4];
    for first in 0..fields.len() {
        for (at, field) in fields.iter_mut().enumerate() {
            *field = Field {
                key: names[at].into(),
                value: FieldValue::F64(numbers[(first + at) % numbers.len()]),
            };
        }
        let words = fields.each_ref().map(|field| match field.value {
            FieldValue::F64(number) if number.is_nan() => "NaN".to_owned(),
            FieldValue::F64(number) if number.is_infinite() => {
                format!("{}Infinity", if number < 0.0 { "-" } else { "" })
            }
            _ => "0.5".to_owned(),
        });
        let text: Vec<_> =
            names.iter().zip(&words).map(|(name, word)| format!("\"{name}\":{word}")).collect();
        let text = format!("{{{}}}", text.join(","));
        for keeps_nonfinite in [false, true] {
            let limits = Limits { keeps_nonfinite, ..LIMITS };
            let (of_fields, fast) = both_within(&limits, &FieldList(&fields), &Timestamp::Now, 4096);
            assert_eq!(fast.as_ref(), Some(&of_fields), "{words:?}");
            let json = JsonText::of_event(text.as_bytes());
            let (of_json, fast) = both_within(&limits, &json, &Timestamp::Now, 4096);
            assert_eq!(fast.as_ref(), Some(&of_json), "{words:?}");
            assert_eq!(of_json, of_fields);
            let floats = of_json.iter().filter(|byte| **byte == 0xcb).count();
            assert_eq!(floats, if keeps_nonfinite { 4 } else { 1 });
        }
    }
}

#[test]
fn it_leaves_what_needs_more_than_copying() {
    let text = typical(6);
    let message = JsonText::of_event(text.as_bytes());
    for (time, room) in [
        (Timestamp::At(5), 4096),
        (Timestamp::At(-5), 4096),
        (Timestamp::At(1 << 33), 4096),
        (Timestamp::Invalid([0xc3].into()), 4096),
        (Timestamp::Now, 100),
    ] {
        assert_eq!(both(&message, &time, room).1, None, "{time:?}");
    }
    let prefix = RecordPrefix::new("user", &"x".repeat(300), Shape::default());
    let mut scratch = Scratch::default();
    let mut out = Vec::with_capacity(4096);
    for prefix in [&prefix, &RecordPrefix::new("user", "context", Shape::default())] {
        // No keys are known, and this prefix is longer than two blocks.
        assert!(!Output::to(&mut out, |out| {
            write_record(out, prefix, (NOW, &Timestamp::Now), &message, &LIMITS, &mut scratch)
        }));
    }
}
