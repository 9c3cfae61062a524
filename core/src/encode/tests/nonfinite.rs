//! NaN and infinities, in both settings and by every way into a message: what is nil is a null for every rule.

use super::*;

/// What is sent of these numbers, in their order.
fn sent(numbers: &[f64], keeps: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for number in numbers {
        if keeps {
            msgpack::float(&mut out, *number);
        } else {
            msgpack::nil(&mut out);
        }
    }
    out
}

#[test]
fn nan_and_infinities_are_nil_unless_they_are_kept() {
    let (nan, more, less) = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY);
    for keeps_nonfinite in [false, true] {
        let limits = Limits { keeps_nonfinite, ..LIMITS };
        let sent = |numbers: &[f64]| sent(numbers, keeps_nonfinite);
        let expected = [
            &[0x84, 0xa1, b'a'][..],
            &sent(&[nan]),
            &[0xa1, b'b', 0x92],
            &sent(&[more, less]),
            &[0xa1, b'c'],
            &sent(&[less]),
            &[0xa1, b'd', 0xc0],
        ]
        .concat();
        let json = br#"{"a":NaN,"b":[Infinity,-Infinity],"c":-Infinity,"d":null}"#;
        let fields = [
            Field { key: "a".into(), value: FieldValue::F64(nan) },
            Field { key: "b".into(), value: FieldValue::Json("[Infinity,-Infinity]") },
            Field { key: "c".into(), value: FieldValue::F32(f32::NEG_INFINITY) },
            Field { key: "d".into(), value: FieldValue::Null },
        ];
        let rules = FieldRules::default();
        let (mut scratch, mut globals) = (Scratch::default(), Vec::new());
        // The second and the third time the keys are known, and both paths are taken.
        for _ in 0..3 {
            let (mut of_json, mut of_fields) = (Vec::new(), Vec::new());
            json_message(&mut of_json, json, &rules, &limits, None, &mut scratch).unwrap();
            fields_message(&mut of_fields, &fields, &rules, &limits, None, &mut scratch).unwrap();
            assert_eq!((&of_json, &of_fields), (&expected, &expected));
        }
        json_object(&mut globals, json, &limits, &mut scratch).unwrap();
        assert_eq!(globals, expected);
    }
}

#[test]
fn a_number_that_is_sent_as_nil_is_a_null_for_every_rule() {
    let json = br#"{"a":NaN,"b":1}"#;
    let keeping = Limits { keeps_nonfinite: true, ..LIMITS };
    let text = |rules: &FieldRules, limits| to_text(&json_with(json, rules, limits, None).unwrap().unwrap());
    let without_null = FieldRules::new("", "", "", true).unwrap();
    assert_eq!(text(&without_null, &LIMITS), r#"{"b":1}"#);
    assert_eq!(text(&without_null, &keeping), r#"{"a":null,"b":1}"#);
    let hashed = FieldRules::new("", "a", "", false).unwrap();
    assert_eq!(text(&hashed, &LIMITS), r#"{"a":null,"b":1}"#);
    assert_eq!(text(&hashed, &keeping).len(), r#"{"a":"","b":1}"#.len() + 64);
}

#[test]
fn a_timestamp_that_is_no_number_is_nil_too() {
    for keeps_nonfinite in [false, true] {
        let limits = Limits { keeps_nonfinite, ..LIMITS };
        for (given, seconds) in
            [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", -f64::INFINITY)]
        {
            let time = Timestamp::from_seconds(seconds);
            assert_eq!(time, Timestamp::from_json(given.as_bytes(), &limits));
            let Timestamp::Invalid(value) = time else { panic!("{given} is no time") };
            let message =
                json_with(b"{\"a\":1}", &FieldRules::default(), &limits, Some(&value)).unwrap().unwrap();
            assert!(message.ends_with(&sent(&[seconds], keeps_nonfinite)), "{message:x?}");
            let frame = Frame { rules: None, limits: &limits, invalid_timestamp: Some(&value) };
            let mut class = Vec::new();
            Output::to(&mut class, |out| {
                OwnMessage::Class(&"A".into()).write(out, frame, &mut Scratch::default())
            })
            .unwrap();
            assert!(class.ends_with(&sent(&[seconds], keeps_nonfinite)), "{class:x?}");
            let nested = Timestamp::from_json(format!("[{given}]").as_bytes(), &limits);
            let list = [&[0x91][..], &sent(&[seconds], keeps_nonfinite)].concat();
            assert_eq!(nested, Timestamp::Invalid(list.into()));
        }
    }
}
