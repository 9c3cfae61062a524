//! The rules of messages, one by one.

use super::*;
use crate::diag::error::Status;
use crate::encode::name::FieldText;

fn plain(text: &str) -> String {
    to_text(&json_with(text.as_bytes(), &FieldRules::default(), &LIMITS, None).unwrap().unwrap())
}

fn ruled(text: &str, rules: &FieldRules) -> Option<String> {
    json_with(text.as_bytes(), rules, &LIMITS, None).unwrap().map(|message| to_text(&message))
}

#[test]
fn values_keep_their_kind() {
    let text = r#"{"i":[0,-1,255,-9223372036854775808,18446744073709551615],"f":[0.0,1.0,-0.0,1e3,0.1],"t":[true,false,null,"é\n"],"e":[[],{}]}"#;
    assert_eq!(
        plain(text),
        r#"{"i":[0,-1,255,-9223372036854775808,18446744073709551615],"f":[0.0,1.0,-0.0,1000.0,0.1],"t":[true,false,null,"é\n"],"e":[[],{}]}"#
    );
    assert_eq!(plain(" \t\r\n{ \"a\" : -0 } \n"), r#"{"a":0}"#);
}

#[test]
fn what_is_not_one_object_is_refused_with_the_place() {
    for (text, detail) in [
        (&b""[..], "unexpected end of text at byte 0, an object is expected"),
        (b"[1]", "unexpected \"[\" at byte 0, an object is expected"),
        (b" null", "unexpected \"n\" at byte 1, an object is expected"),
        (b"{\"a\":[1,2,]}", "unexpected \"]\" at byte 10, a value is expected"),
        (b"{\"a\":1,}", "unexpected \"}\" at byte 7, a key is expected"),
        (b"{a:1}", "unexpected \"a\" at byte 1, a key or \"}\" is expected"),
        (b"{\"a\":1} x", "unexpected \"x\" at byte 8, the end of the text is expected"),
        (b"{\"a\":1]", "unexpected \"]\" at byte 6, a \",\" or \"}\" is expected"),
        (b"{\"a\":[1}}", "unexpected \"}\" at byte 7, a \",\" or \"]\" is expected"),
        (b"{\"a\":tru}", "unexpected \"}\" at byte 8, true is expected"),
        (b"{\"a\":+1}", "unexpected \"+\" at byte 5, a value is expected"),
        (b"{\"a\":01}", "unexpected \"1\" at byte 6, no digit after a leading zero is expected"),
        (b"{\"a\" 1}", "unexpected \"1\" at byte 5, a \":\" is expected"),
        ("{\"a\":é}".as_bytes(), "unexpected \"é\" at byte 5, a value is expected"),
        (b"{\"a\":\x00}", "unexpected character 0x00 at byte 5, a value is expected"),
        (
            b"{\"a\":\"\x01\"}",
            "control character 0x01 in a string at byte 6, an escape such as \\n or \\u0000 is expected",
        ),
        (b"{\"\\ud800\":1}", "half of a surrogate pair at byte 2, a pair or another character is expected"),
        (
            b"{\"a\":18446744073709551616}",
            "integer out of range at byte 5, a whole number from -9223372036854775808 to 18446744073709551615 is expected",
        ),
        (b"{\"a\":[-1e999]}", "number too large at byte 6, at most 1.7976931348623157e308 is expected"),
    ] {
        let error = refused(text);
        assert_eq!(
            (error.status(), error.detail()),
            (Status::Json, format!("event JSON: {detail}").as_str())
        );
    }
    let error = refused(b"{\"a\":\"x\xffy\"}");
    assert_eq!(error.status(), Status::Utf8);
    assert_eq!(error.detail(), "event JSON: byte 0xff at byte 7, UTF-8 is expected");
}

#[test]
fn repeated_keys_keep_the_last_value_at_the_first_place() {
    assert_eq!(plain(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
    assert_eq!(plain(r#"{"a":1,"a":2,"a":[3]}"#), r#"{"a":[3]}"#);
    assert_eq!(
        plain(r#"{"x":{"a":{"k":1,"k":2},"b":0,"a":{"q":1,"p":2,"q":3}},"y":1,"x2":1}"#),
        r#"{"x":{"a":{"q":3,"p":2},"b":0},"y":1,"x2":1}"#
    );
    assert_eq!(plain(r#"{"é":1,"b":[{"a":1,"a":2}],"\u00e9":2,"":1,"":2}"#), r#"{"é":2,"b":[{"a":2}],"":2}"#);
    // Keys with equal ends and lengths are still different keys.
    assert_eq!(
        plain(r#"{"prefix00-A-suffix00":1,"prefix00-B-suffix00":2}"#),
        r#"{"prefix00-A-suffix00":1,"prefix00-B-suffix00":2}"#
    );
}

#[test]
fn large_maps_keep_the_rule() {
    for size in [14, 15, 16, 17, 63, 64, 65, 66, 200, 1000] {
        let mut model: Vec<(String, usize)> = Vec::new();
        let mut text = String::new();
        for n in 0..size * 2 {
            let key = format!("key-{}-of-many", n * 7919 % size);
            match model.iter_mut().find(|(known, _)| *known == key) {
                Some(pair) => pair.1 = n,
                None => model.push((key.clone(), n)),
            }
            text += &format!(",\"{key}\":{n}");
        }
        let expected: Vec<String> = model.iter().map(|(key, n)| format!("\"{key}\":{n}")).collect();
        let expected = format!("{{{}}}", expected.join(","));
        let text = format!("{{{}}}", &text[1..]);
        assert_eq!(plain(&text), expected);
        // The same inside, with a large map around it that goes on growing afterwards.
        let outer: String = (0..100).map(|n| format!("\"o{n}\":{n},")).collect();
        let nested = format!("{{{outer}\"in\":{text},\"again\":{text},\"o5\":-5,\"o99\":-99}}");
        let outer = outer.replace("\"o5\":5,", "\"o5\":-5,").replace("\"o99\":99,", "\"o99\":-99,");
        assert_eq!(plain(&nested), format!("{{{outer}\"in\":{expected},\"again\":{expected}}}"));
    }
}

#[test]
fn reserved_names_are_removed_at_the_top_only() {
    let rules = FieldRules::default();
    assert_eq!(
        ruled(r#"{"MONA_x":{"a":[1]},"a":{"MONA_y":1},"MONA":1,"mona_x":2,"MONA_":3}"#, &rules).unwrap(),
        r#"{"a":{"MONA_y":1},"MONA":1,"mona_x":2}"#
    );
    assert_eq!(ruled(r#"{"\u004dONA_ARC_CLASS":"Z","a":1,"MONA_b":1,"a":2}"#, &rules).unwrap(), r#"{"a":2}"#);
    for text in ["{}", " { } ", r#"{"MONA_x":1}"#, r#"{"MONA_":1,"MONA_":{"a":1}}"#] {
        assert_eq!(ruled(text, &rules), None, "{text}");
    }
    // What is removed is still checked.
    assert_eq!(refused(br#"{"a":1,"MONA_x":[1e999]}"#).status(), Status::Json);
    assert_eq!(refused(br#"{"a":1,"MONA_x":"\ud800"}"#).status(), Status::Json);
}

#[test]
fn dropped_hashed_and_null_fields() {
    let rules = FieldRules::new("secret,tmp_*", "user,nested,n*", "salt", true).unwrap();
    let digest = |text: &str| String::from_utf8(rules.digest(text.as_bytes()).to_vec()).unwrap();
    assert_eq!(
        ruled(r#"{"secret":1,"user":"Ann\u00e9","tmp_a":[],"a":1,"z":null,"nested":{"k": [1, 2.0, "x"], "k2":NaN}}"#, &rules)
            .unwrap(),
        format!(
            r#"{{"user":"{}","a":1,"nested":"{}"}}"#,
            digest("Anné"),
            digest(r#"{"k":[1,2.0,"x"],"k2":null}"#)
        )
    );
    // Null is looked at when it is known which value stands, and is never hashed.
    assert_eq!(ruled(r#"{"a":null,"b":1,"a":2}"#, &rules).unwrap(), r#"{"a":2,"b":1}"#);
    assert_eq!(ruled(r#"{"a":1,"b":1,"a":null}"#, &rules).unwrap(), r#"{"b":1}"#);
    assert_eq!(ruled(r#"{"user":null,"a":null}"#, &rules), None);
    assert_eq!(ruled(r#"{"c":{"a":null}}"#, &rules).unwrap(), r#"{"c":{"a":null}}"#);
    let hash_only = FieldRules::new("", "user", "", false).unwrap();
    assert_eq!(ruled(r#"{"user":null}"#, &hash_only).unwrap(), r#"{"user":null}"#);
    let five = hash_only.digest(b"5");
    assert_eq!(
        ruled(r#"{"user":"x","user":5}"#, &hash_only).unwrap(),
        format!(r#"{{"user":"{}"}}"#, std::str::from_utf8(&five).unwrap())
    );
}

#[test]
fn an_invalid_timestamp_is_the_last_field_of_what_is_left() {
    let rules = FieldRules::default();
    let with = |text: &str| json_with(text.as_bytes(), &rules, &LIMITS, Some(&[0xc3])).unwrap();
    assert_eq!(
        to_text(&with(r#"{"a":1,"b":2,"a":3}"#).unwrap()),
        r#"{"a":3,"b":2,"MONA_INVALID_EXPORT_TIMESTAMP":true}"#
    );
    assert_eq!(
        to_text(&with(r#"{"MONA_INVALID_EXPORT_TIMESTAMP":5,"a":1}"#).unwrap()),
        r#"{"a":1,"MONA_INVALID_EXPORT_TIMESTAMP":true}"#
    );
    assert_eq!(with(r#"{"MONA_x":1}"#), None);
    let fifteen: Vec<String> = (0..15).map(|n| format!("\"k{n}\":{n}")).collect();
    let sixteen = with(&format!("{{{}}}", fifteen.join(","))).unwrap();
    assert_eq!(sixteen[..3], [0xde, 0, 16]);
    assert_eq!(msgpack::value_len(&sixteen), Some(sixteen.len()));
}

#[test]
fn globals_are_not_filtered() {
    let mut out = BEFORE.to_vec();
    let scratch = &mut Scratch::default();
    assert_eq!(json_object(&mut out, br#"{"MONA_x":1,"a":null}"#, &LIMITS, scratch), Ok(true));
    assert_eq!(to_text(&out[BEFORE.len()..]), r#"{"MONA_x":1,"a":null}"#);
    out.truncate(BEFORE.len());
    assert_eq!(json_object(&mut out, b" {} ", &LIMITS, scratch), Ok(false));
    let error = json_object(&mut out, b"[]", &LIMITS, scratch).unwrap_err();
    assert_eq!(error.detail(), "globals JSON: unexpected \"[\" at byte 0, an object is expected");
    assert_eq!(out, BEFORE);
}

#[test]
fn fields_are_the_equal_object() {
    let field = |key: &'static str, value| Field { key: key.into(), value };
    let rules = FieldRules::new("gone", "who", "s", true).unwrap();
    let fields = [
        field("a", FieldValue::I64(-5)),
        field("MONA_x", FieldValue::Bool(true)),
        field("gone", FieldValue::Str(FieldText::from("x"))),
        field("b", FieldValue::U64(u64::MAX)),
        field("c", FieldValue::F64(3.0)),
        field("f", FieldValue::F32(0.97)),
        field("who", FieldValue::Str(FieldText::from("Ann"))),
        field("d", FieldValue::Json(" {\"k\": [1, {\"z\":1,\"z\":2}], \"MONA_k\":1} ")),
        field("a", FieldValue::Bool(false)),
        field("n", FieldValue::Null),
        field("s", FieldValue::Str(FieldText::from("text of some length, above fifteen"))),
    ];
    let json = r#"{"a":-5,"MONA_x":true,"gone":"x","b":18446744073709551615,"c":3.0,"f":0.97,"who":"Ann",
        "d":{"k":[1,{"z":1,"z":2}],"MONA_k":1},"a":false,"n":null,"s":"text of some length, above fifteen"}"#;
    let message = fields_with(&fields, &rules, &LIMITS);
    assert!(message.as_ref().is_ok_and(Option::is_some));
    assert_eq!(message, json_with(json.as_bytes(), &rules, &LIMITS, None));
    assert_eq!(fields_with(&[], &rules, &LIMITS), Ok(None));
    assert_eq!(fields_with(&fields[1..3], &rules, &LIMITS), Ok(None));
    for value in [FieldValue::F64(f64::NAN), FieldValue::F32(f32::NAN)] {
        let nan = fields_with(&[field("x", value)], &rules, &LIMITS);
        assert_eq!(nan, json_with(b"{\"x\":NaN}", &rules, &LIMITS, None));
    }
}

#[test]
fn a_wrong_field_leaves_nothing() {
    let rules = FieldRules::default();
    let good = Field { key: FieldText::from("a"), value: FieldValue::I64(1) };
    for (text, detail) in [
        ("", "unexpected end of text at byte 0, a value is expected"),
        ("1 2", "unexpected \"2\" at byte 2, the end of the text is expected"),
        ("[1,]", "unexpected \"]\" at byte 3, a value is expected"),
        ("{\"k\":1", "unexpected end of text at byte 6, a \",\" or \"}\" is expected"),
    ] {
        let error = fields_with(
            &[good, Field { key: FieldText::from("j"), value: FieldValue::Json(text) }],
            &rules,
            &LIMITS,
        )
        .unwrap_err();
        assert_eq!(
            (error.status(), error.detail()),
            (Status::Json, format!("JSON of field \"j\": {detail}").as_str())
        );
    }
    let mut out = BEFORE.to_vec();
    let failing = [Ok(good), Err(Error::new(Status::Utf8, "field 2"))];
    let result = fields_message(&mut out, &failing, &rules, &LIMITS, None, &mut Scratch::default());
    assert_eq!(result, Err(Error::new(Status::Utf8, "field 2")));
    assert_eq!(out, BEFORE);
}

#[test]
fn depth_counts_the_message_as_one() {
    let rules = FieldRules::default();
    for most in [1, 2, 5, 60, 512] {
        let limits = Limits { max_depth: most, ..LIMITS };
        for (open, close, leaf) in [("[", "]", ""), ("{\"k\":", "}", "1")] {
            let nest = |levels: usize| format!("{}{leaf}{}", open.repeat(levels), close.repeat(levels));
            let deepest = nest(most - 1);
            let inner = if deepest.is_empty() { "1" } else { &deepest };
            assert!(json_with(format!("{{\"a\":{inner}}}").as_bytes(), &rules, &limits, None).is_ok());
            let field = |json| Field { key: FieldText::from("a"), value: FieldValue::Json(json) };
            assert!(fields_with(&[field(inner)], &rules, &limits).is_ok());
            let deeper = nest(most);
            let error =
                json_with(format!("{{\"a\":{deeper}}}").as_bytes(), &rules, &limits, None).unwrap_err();
            assert_eq!(error.status(), Status::Limit);
            let at = 5 + (most - 1) * open.len();
            assert_eq!(
                error.detail(),
                format!(
                    "event JSON: one level too deep at byte {at}, at most {most} nested levels are expected"
                )
            );
            assert_eq!(fields_with(&[field(&deeper)], &rules, &limits).unwrap_err().status(), Status::Limit);
        }
    }
    let none = Limits { max_depth: 0, ..LIMITS };
    assert_eq!(json_with(b"{\"a\":1}", &rules, &none, None).unwrap_err().status(), Status::Limit);
    assert_eq!(fields_with(&[], &rules, &none).unwrap_err().status(), Status::Limit);
}

#[test]
fn size_bounds_the_text_and_the_message() {
    let rules = FieldRules::default();
    let limits = |max_event_bytes| Limits { max_event_bytes, ..LIMITS };
    assert!(json_with(br#"{"a":1}"#, &rules, &limits(7), None).is_ok());
    let error = json_with(br#"{"a":1}"#, &rules, &limits(6), None).unwrap_err();
    assert_eq!(
        (error.status(), error.detail()),
        (Status::Limit, "event JSON: 7 bytes, at most 6 bytes are expected")
    );
    // Encoded, 15 bytes of text take 22.
    let text = br#"{"a":[1e1,1e1]}"#;
    assert!(json_with(text, &rules, &limits(22), None).is_ok());
    assert_eq!(json_with(text, &rules, &limits(21), None).unwrap_err().status(), Status::Limit);
    let hash = FieldRules::new("", "*", "", false).unwrap();
    assert!(json_with(br#"{"a":1}"#, &hash, &limits(69), None).is_ok());
    assert_eq!(json_with(br#"{"a":1}"#, &hash, &limits(68), None).unwrap_err().status(), Status::Limit);
    let long = "x".repeat(100);
    for field in [
        Field { key: FieldText::from("a"), value: FieldValue::Str(FieldText::from(long.as_str())) },
        Field { key: FieldText::from(long.as_str()), value: FieldValue::Null },
        Field { key: FieldText::from("a"), value: FieldValue::Json(&long) },
    ] {
        assert_eq!(fields_with(&[field], &rules, &limits(99)).unwrap_err().status(), Status::Limit);
    }
    assert!(
        fields_with(
            &[Field { key: FieldText::from("a"), value: FieldValue::Str(FieldText::from(long.as_str())) }],
            &rules,
            &limits(105)
        )
        .is_ok()
    );
    assert!(
        fields_with(
            &[Field { key: FieldText::from("a"), value: FieldValue::Str(FieldText::from(long.as_str())) }],
            &rules,
            &limits(104)
        )
        .is_err()
    );
}

#[test]
fn the_size_limit_does_not_depend_on_earlier_messages() {
    let rules = FieldRules::default();
    let mut scratch = Scratch::default();
    let field = |key: &'static str| Field { key: key.into(), value: FieldValue::I64(1) };
    let few = [field("a"), field("b")];
    let many =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"].map(field);
    for _ in 0..3 {
        let mut out = Vec::new();
        let limits = Limits { max_event_bytes: 3 + many.len() * 3, ..LIMITS };
        assert!(fields_message(&mut out, &many, &rules, &limits, None, &mut scratch).is_ok());
        let limits = Limits { max_event_bytes: 1 + few.len() * 3, ..LIMITS };
        assert!(fields_message(&mut out, &few, &rules, &limits, None, &mut scratch).is_ok());
        let limits = Limits { max_event_bytes: few.len() * 3, ..LIMITS };
        assert!(fields_message(&mut out, &few, &rules, &limits, None, &mut scratch).is_err());
    }
}

#[test]
fn globals_do_not_teach_what_messages_may_hold() {
    let rules = FieldRules::default();
    let mut scratch = Scratch::default();
    let text = br#"{"MONA_a":1,"b":2}"#;
    let mut out = Vec::new();
    json_message(&mut out, br#"{"MONA_a":0}"#, &rules, &LIMITS, None, &mut scratch).unwrap();
    json_object(&mut out, text, &LIMITS, &mut scratch).unwrap();
    out.clear();
    json_message(&mut out, text, &rules, &LIMITS, None, &mut scratch).unwrap();
    assert_eq!(to_text(&out), r#"{"b":2}"#);
}
