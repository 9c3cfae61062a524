//! The reader and the printer beside `serde_json`, which says what is right.

use super::{Value, entry, read, text};

/// Texts of every kind, right and wrong.
const TEXTS: &[&str] = &[
    "null",
    "true",
    "false",
    " [ ] ",
    "{}",
    "[1,2 , 3]",
    "\t{\"a\" : {\"b\":[null,true]},\n\r\"c\":\"d\"} ",
    "0",
    "-0",
    "-1",
    "1",
    "10",
    "01",
    "-",
    "+1",
    "1.",
    ".5",
    "1.5",
    "-1.25e3",
    "1e",
    "1e+",
    "1E-2",
    "1e400",
    "-1e400",
    "1e-400",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "0.1",
    "123456789.125",
    "1e5x",
    "0x1",
    "NaN",
    "Infinity",
    "--1",
    "1 2",
    "\"\"",
    "\"a\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0041\\u00e9\\ud83d\\ude00\"",
    "\"\u{e9}\u{1f600}\"",
    "\"\\ud83d\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\n\"",
    "\"\\ude00\"",
    "\"\\ud83d\\ud83d\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u+123\"",
    "\"\\x\"",
    "\"a",
    "\"a\\",
    "\"\n\"",
    "\"\u{1}\"",
    "\"\u{7f}\"",
    "'a'",
    "",
    " ",
    "n",
    "nul",
    "nulll",
    "tru",
    "falsee",
    "True",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "]",
    "[}",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{a:1}",
    "{1:1}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"a\":2}",
    "{\"\":[]}",
    "}",
    ",",
    ":",
    "[1]]",
    "{}x",
    "/**/1",
];

/// Whether both read it, and as the same.
fn compare(input: &[u8]) {
    let ours = read(input);
    let theirs = serde_json::from_slice::<serde_json::Value>(input);
    let shown = String::from_utf8_lossy(input);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => {
            let printed = text(ours);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), *theirs, "{shown}");
            // Theirs holds a name once.
            if printed.matches("\"a\":").count() < 2 {
                assert_eq!(printed, theirs.to_string(), "{shown}");
            }
            let again = read(text(ours).as_bytes()).unwrap();
            assert_eq!(*ours, again, "{shown}");
        }
        (Err(_), Err(_)) => {}
        _ => panic!("{shown}: {ours:?}, {theirs:?}"),
    }
}

#[test]
fn it_reads_and_prints_what_others_do() {
    for input in TEXTS {
        compare(input.as_bytes());
        for end in 0..input.len() {
            compare(&input.as_bytes()[..end]);
        }
        for other in ["1", "\"x\"", "{}"] {
            compare(format!("[{input},{other}]").as_bytes());
            compare(format!("{{\"k\":{input},\"l\":{other}}}").as_bytes());
        }
        // Each byte spoilt in turn.
        for at in 0..input.len() {
            for byte in [b'"', b'\\', b'0', b',', b'}', 0, 0xff, 0xc3] {
                let mut spoilt = input.as_bytes().to_vec();
                spoilt[at] = byte;
                compare(&spoilt);
            }
        }
    }
    for depth in 120..135 {
        compare(format!("{}1{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
        compare(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).as_bytes());
    }
    assert!(read("[".repeat(1 << 20).as_bytes()).is_err());
}

#[test]
fn the_last_of_a_name_counts() {
    let value = read(br#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(value.get("a").and_then(Value::as_u64), Some(3));
    assert_eq!(entry(value.as_object().unwrap(), "b"), Some(&Value::from(2)));
    assert_eq!((value.get("c"), Value::Null.get("a")), (None, None));
}

#[test]
fn a_place_is_told() {
    for (text, line, column) in
        [("", 1, 1), ("x", 1, 1), ("{\n  \"a\": tru", 2, 11), ("[1]\n\n x", 3, 2), ("[1,]", 1, 4)]
    {
        let error = read(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text:?}");
    }
    assert_eq!(read(b"x").unwrap_err().to_string(), "invalid JSON at line 1 column 1");
}

#[test]
fn values_are_made_from_parts() {
    let value = Value::object([
        ("a", Value::from("\u{1}\n\"")),
        ("b", Value::from(true)),
        ("c", Value::from(1.0)),
        ("d", Value::from(f64::NAN)),
        ("e", Value::Array(vec![Value::from(7), Value::Null])),
    ]);
    assert_eq!(text(&value), r#"{"a":"\u0001\n\"","b":true,"c":1.0,"d":null,"e":[7,null]}"#);
}
