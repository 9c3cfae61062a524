//! Inputs made to hurt: they end soon, with a bound on memory, and leave nothing behind.

use super::*;
use crate::diag::error::Status;
use std::time::{Duration, Instant};

// Each of these takes milliseconds when it is linear and minutes when it is quadratic, also unoptimised.
const SOON: Duration = Duration::from_secs(20);

const HUGE: Limits = Limits { max_event_bytes: 64 << 20, max_depth: 512, keeps_nonfinite: false };

fn taken(text: &str, limits: &Limits) -> Vec<u8> {
    let begun = Instant::now();
    let message = json_with(text.as_bytes(), &FieldRules::default(), limits, None).unwrap().unwrap();
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(msgpack::value_len(&message), Some(message.len()));
    message
}

#[test]
#[ignore = "slow: make test-slow"]
fn many_keys() {
    let keys: Vec<String> = (0..40_000).map(|n| format!("\"{n}\":{n}")).collect();
    let once = format!("{{{}}}", keys.join(","));
    assert_eq!(to_text(&taken(&once, &HUGE)), once);
    let twice = format!("{{{0},{0}}}", keys.join(","));
    assert_eq!(to_text(&taken(&twice, &HUGE)), once);
    let nested = format!("{{\"x\":[{twice}]}}");
    assert_eq!(to_text(&taken(&nested, &HUGE)), format!("{{\"x\":[{once}]}}"));
}

#[test]
fn one_key_over_and_over() {
    let text = format!("{{{}\"a\":1}}", "\"a\":0,".repeat(200_000));
    assert_eq!(to_text(&taken(&text, &HUGE)), "{\"a\":1}");
}

#[test]
fn keys_that_share_their_quick_hash() {
    let keys: Vec<String> = (0..20_000).map(|n| format!("\"same-begin{n:06}same-end\":0")).collect();
    let text = format!("{{{}}}", keys.join(","));
    assert_eq!(to_text(&taken(&text, &HUGE)), text);
    // Many small maps of such keys never reach the table.
    let small = format!("{{{}}}", keys[..60].join(","));
    let text = format!("{{\"x\":[{}{small}]}}", format!("{small},").repeat(300));
    assert_eq!(to_text(&taken(&text, &HUGE)), text);
}

#[test]
fn repeats_on_every_level_around_a_large_value() {
    let text = format!("{}\"{}\"{}", "{\"a\":0,\"a\":".repeat(511), "x".repeat(200_000), "}".repeat(511));
    let expected = format!("{}\"{}\"{}", "{\"a\":".repeat(511), "x".repeat(200_000), "}".repeat(511));
    assert_eq!(to_text(&taken(&text, &LIMITS)), expected);
}

#[test]
fn wide_headers_on_every_level() {
    let text = format!("{{\"a\":{}1{}}}", "[".repeat(511), ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]".repeat(511));
    assert_eq!(to_text(&taken(&text, &LIMITS)), text);
    let long = format!("{{\"a\":[{}1]}}", "1,".repeat(65_535));
    assert_eq!(taken(&long, &LIMITS)[3..8], [0xdd, 0, 1, 0, 0]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn depth_beyond_every_limit() {
    for open in ["[", "{\"a\":"] {
        let text = format!("{{\"a\":{}", open.repeat(40_000));
        assert_eq!(refused(text.as_bytes()).status(), Status::Limit);
    }
    let free = Limits { max_depth: usize::MAX, ..HUGE };
    let text = format!("{{\"a\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(taken(&text, &free).len(), 1_000_003);
}

#[test]
fn long_numbers_and_texts() {
    let digits = "7".repeat(200_000);
    assert_eq!(refused(format!("{{\"a\":{digits}}}").as_bytes()).status(), Status::Json);
    let small = format!("{{\"a\":0.{digits}}}");
    assert_eq!(to_text(&taken(&small, &LIMITS)), format!("{{\"a\":{:?}}}", 7.0 / 9.0));
    let escaped = format!("{{\"a\":\"{}\"}}", "\\u0061".repeat(40_000));
    assert_eq!(to_text(&taken(&escaped, &LIMITS)), format!("{{\"a\":\"{}\"}}", "a".repeat(40_000)));
    assert_eq!(refused(&vec![b'x'; 262_145]).status(), Status::Limit);
}

#[test]
fn every_torn_text_leaves_the_output_alone() {
    let whole =
        r#"{"a":[1,-2.5e3,{"k":"\u00e9\ud83d\ude00","k":null}],"MONA_x":true,"b":{"c":"text","d":[]}} "#;
    let rules = FieldRules::new("", "b", "", true).unwrap();
    for end in 0..whole.len() - 1 {
        assert_eq!(
            json_with(&whole.as_bytes()[..end], &rules, &LIMITS, None).unwrap_err().status(),
            Status::Json
        );
    }
    assert!(json_with(whole.as_bytes(), &rules, &LIMITS, None).is_ok());
}

#[test]
fn scratch_memory_is_given_back_and_a_failure_does_not_linger() {
    let mut scratch = Scratch::default();
    let mut out = Vec::new();
    let rules = FieldRules::new("", "h", "", false).unwrap();
    let keys: Vec<String> = (0..40_000).map(|n| format!("\"{n}\":{n}")).collect();
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let text =
        format!("{{\"h\":[{}],\"deep\":{deep},\"h2\":{{{}}}}}", "1,".repeat(40_000) + "1", keys.join(","));
    let limits = Limits { max_depth: 6000, ..HUGE };
    let mut giant = |text: &str| json_message(&mut out, text.as_bytes(), &rules, &limits, None, &mut scratch);
    giant(&text).unwrap();
    giant(&text[..text.len() - 1]).unwrap_err();
    assert!(scratch.stack.keys.idle_bytes() < 128 * 1024);
    assert!(scratch.stack.open.capacity() <= 512 && scratch.text.capacity() <= 16 * 1024);
    let mut small = Vec::new();
    let torn = br#"{"a":{"b":{"c":1,"#;
    json_message(&mut small, torn, &rules, &LIMITS, None, &mut scratch).unwrap_err();
    json_message(&mut small, br#"{"c":[],"a":1,"b":2}"#, &rules, &LIMITS, None, &mut scratch).unwrap();
    assert_eq!(to_text(&small), r#"{"c":[],"a":1,"b":2}"#);
}
