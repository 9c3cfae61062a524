//! The thread's context as a value: tasks that take turns on threads, forked children, scopes in any order, the Big Red
//! Button, classes and timestamps of every kind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::native::stack::Given;
use mona_tests::native::{Client, Stack, last_error, load_release, status};
use mona_tests::{Link, Program, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);
const FLUSH_MS: u32 = 30_000;

fn memory() -> Client {
    load_release();
    Client::new(&[("endpoint", "memory:"), ("flush_interval_ms", "1")]).unwrap()
}

/// What was delivered: the full id and the message of each record.
fn delivered(client: &Client) -> Vec<(String, Value)> {
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    let records = std::iter::from_fn(|| client.take().ok());
    let parts = records.map(|record| serde_json::from_str::<Value>(&record).unwrap());
    parts.map(|record| (record["context"].as_str().unwrap().to_owned(), record["message"].clone())).collect()
}

fn id(stack: &Stack) -> String {
    stack.id().unwrap()
}

fn enter(client: &Client, from: &Stack, id: &str) -> (u64, Stack) {
    let (status, scope, to) = from.enter(Some(client), &Given::Absent, Some(id), &Given::Absent);
    assert_eq!(status, status::OK, "{}", last_error());
    (scope, to)
}

fn enter_sub(from: &Stack, id: &str) -> (u64, Stack) {
    let (status, scope, to) = from.enter_sub(&Given::Absent, Some(id));
    assert_eq!(status, status::OK, "{}", last_error());
    (scope, to)
}

fn leave(from: &Stack, scope: u64) -> Stack {
    let (status, to) = from.leave(scope);
    assert_eq!(status, status::OK, "{}", last_error());
    to
}

#[test]
fn two_hundred_tasks_on_four_threads_export_into_their_own_contexts() {
    for link in [Link::Shared, Link::Static] {
        let program = Program::c("tests/c/stacks/tasks.c").link(link).build().unwrap();
        let finished = run(&mut program.command(), LIMIT).unwrap().expect_ok().unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    }
}

#[test]
fn inside_an_enter_the_default_client_is_not_asked_for() {
    let program = Program::c("tests/c/stacks/join.c").build().unwrap();
    let mut command = program.command();
    command.env("MONA_ENDPOINT", "nonsense:");
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

#[test]
fn the_environment_switches_stacks_off_and_on() {
    let program = Program::c("tests/c/stacks/button.c").build().unwrap();
    let mut command = program.command();
    command.env("MONA_ENDPOINT", "memory:").env_remove("MONA_DISABLE_ALL");
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

/// Whatever becomes of the client meanwhile, and wherever it is done.
#[test]
fn stacks_are_freed_after_their_client_anywhere() {
    let program = Program::c("tests/c/stacks/freed.c").build().unwrap();
    for endpoint in ["memory:", "tcp://127.0.0.1:1"] {
        let mut command = program.command();
        command.env("MONA_ENDPOINT", endpoint);
        let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "{endpoint}");
    }
}

#[test]
fn forked_children_go_on_with_a_stack() {
    const CHILDREN: usize = 8;
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let program = Program::c("tests/c/stacks/fork.c").build().unwrap();
    let mut command = program.command();
    command.arg(CHILDREN.to_string()).env("MONA_ENDPOINT", collector.endpoint());
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    let mut seen = BTreeMap::new();
    for record in collector.records() {
        let part = |key: &str| record.record[key].as_str().unwrap_or_default().to_owned();
        let who = record.record["message"]["who"].as_str().unwrap().to_owned();
        *seen.entry((who, part("context"))).or_insert(0) += 1;
    }
    let expected = [
        (("child", "run"), 2 * CHILDREN),
        (("child", "run.child"), CHILDREN),
        (("parent", "run"), 4),
        (("parent", "run.parent"), 2),
    ];
    let expected = expected.map(|((who, id), count)| ((who.to_owned(), id.to_owned()), count));
    assert_eq!(seen, BTreeMap::from(expected));
}

#[test]
fn scopes_are_left_in_any_order_and_twice_and_on_any_stack_that_has_them() {
    let client = memory();
    let (main, one) = enter(&client, &Stack::EMPTY, "m");
    let (first, two) = enter_sub(&one, "s");
    let (second, three) = enter_sub(&two, "t");
    // The outer one first: what was opened inside it goes along.
    let back = leave(&three, first);
    assert_eq!(id(&back), "m");
    assert_eq!(id(&leave(&back, second)), "m");
    assert_eq!(id(&leave(&back, first)), "m", "twice");
    // Nobody else's stack moved.
    assert_eq!([id(&one), id(&two), id(&three)], ["m", "m.s", "m.s.t"]);
    assert_eq!(id(&leave(&three, second)), "m.s");
    assert!(leave(&three, main).is_empty());
    // A task that began from a copy goes on after its parent's block.
    let (_, child) = enter_sub(&one, "child");
    assert!(leave(&one, main).is_empty());
    assert_eq!(id(&child), "m.child");
    assert_eq!(child.export(r#"{"a": 1}"#, &Given::Absent), Ok(true));
    // Of another stack, never given out, the innermost one of threads: nothing moves.
    let (foreign, other) = enter(&client, &Stack::EMPTY, "other");
    for scope in [foreign, 0, 1, main + 1_000_000, u64::MAX] {
        assert_eq!(id(&leave(&three, scope)), "m.s.t", "{scope}");
    }
    assert_eq!(id(&leave(&other, main)), "other");
    // What joined leaves nothing.
    let (joined, inside) = enter(&client, &three, "ignored");
    assert_eq!(id(&inside), "m.s.t");
    assert_eq!(id(&leave(&inside, joined)), "m.s.t");
    // Not protected: it is replaced, and its leave does not bring it back.
    let (_, open) = Stack::EMPTY.open(Some(&client), &Given::Absent, Some("open"), &Given::Absent);
    let (scope, entered) = enter(&client, &open, "entered");
    assert_eq!(id(&entered), "entered");
    assert!(leave(&entered, scope).is_empty());
    // After a reset the scopes are there and the context is not.
    let (_, reset) = three.reset();
    assert!(!reset.is_empty());
    assert_eq!(id(&reset), "");
    assert_eq!(reset.export(r#"{"a": 1}"#, &Given::Absent), Err(status::NO_CONTEXT));
    assert_eq!(reset.open(Some(&client), &Given::Absent, None, &Given::Absent).0, status::PROTECTED);
    assert_eq!(id(&leave(&reset, second)), "");
    assert!(leave(&reset, main).is_empty());
    let contexts: Vec<String> = delivered(&client).into_iter().map(|(context, _)| context).collect();
    assert_eq!(contexts, ["m.child"]);
}

/// However deep, and however it is left: what kept where it came from and what did not agree.
#[test]
fn deep_stacks_are_left_step_by_step_and_at_once() {
    const DEEP: usize = 100;
    let client = memory();
    let mut stacks = vec![enter(&client, &Stack::EMPTY, "0")];
    for level in 1..DEEP {
        let next = enter_sub(&stacks[level - 1].1, &level.to_string());
        stacks.push(next);
    }
    let ids: Vec<String> = stacks.iter().map(|(_, stack)| id(stack)).collect();
    let innermost = &stacks[DEEP - 1].1;
    for level in 1..DEEP {
        assert_eq!(id(&leave(innermost, stacks[level].0)), ids[level - 1]);
    }
    let mut stack = leave(innermost, stacks[DEEP - 1].0);
    for level in (1..DEEP - 1).rev() {
        stack = leave(&stack, stacks[level].0);
        assert_eq!(id(&stack), ids[level - 1]);
        assert_eq!(stack.export(&format!("{{\"at\": {level}}}"), &Given::Absent), Ok(true));
    }
    let expected = (1..DEEP - 1).rev().map(|level| (ids[level - 1].clone(), json!({ "at": level })));
    assert_eq!(delivered(&client), expected.collect::<Vec<_>>());
}

#[test]
fn what_was_made_while_disabled_is_inert_and_what_was_made_before_goes_on() {
    let client = memory();
    let (main, before) = enter(&client, &Stack::EMPTY, "before");
    client.set_disabled(true).unwrap();
    let (inert, nothing) = enter(&client, &Stack::EMPTY, "while");
    let (sub, same) = enter_sub(&before, "while");
    assert!(nothing.is_empty());
    assert_eq!((id(&before), id(&same)), (String::new(), String::new()));
    assert_eq!(before.export(r#"{"a": 1}"#, &Given::Absent), Ok(false));
    assert_eq!(before.export_batch(Some(&client), r#"[{"message": {"a": 1}}]"#), (status::OK, 0));
    // What was entered before is left properly.
    assert!(leave(&before, main).is_empty());
    client.set_disabled(false).unwrap();
    assert_eq!((id(&before), id(&same)), ("before".to_owned(), "before".to_owned()));
    assert_eq!(same.export(r#"{"a": 2}"#, &Given::Absent), Ok(true), "it joined");
    assert_eq!(id(&leave(&same, sub)), "before");
    assert!(leave(&nothing, inert).is_empty());
    let stats = client.stats();
    assert_eq!((stats.skipped_disabled, stats.accepted), (2, 1), "{stats:?}");
    assert_eq!(delivered(&client), [("before".to_owned(), json!({"a": 2}))]);
}

#[test]
fn classes_and_timestamps_are_fields_of_any_kind() {
    let client = memory();
    let text = |text: &str| Given::Str(text.to_owned());
    let source = |text: &str| Given::Json(text.to_owned());
    let mut expected = Vec::new();
    let cases = [
        (Given::Absent, None),
        (Given::Null, None),
        (Given::Bool(false), None),
        (Given::I64(0), None),
        (Given::U64(0), None),
        (Given::F64(0.0), None),
        (Given::F64(-0.0), None),
        (Given::F64(f64::NAN), None),
        (text(""), None),
        (source("\"\""), None),
        (source("null"), None),
        (source(" [ ] "), None),
        (source("{}"), None),
        (source("0.0"), None),
        (text("ranker"), Some(json!("ranker"))),
        (source(" \"r\\u00e4nker\" "), Some(json!("r\u{e4}nker"))),
        (Given::Bool(true), Some(json!(true))),
        (Given::I64(-7), Some(json!(-7))),
        (Given::U64(u64::MAX), Some(json!(u64::MAX))),
        (Given::F64(0.5), Some(json!(0.5))),
        (source("[\"x\", {\"k\": 1}]"), Some(json!(["x", {"k": 1}]))),
    ];
    for (number, (class, shown)) in cases.iter().enumerate() {
        let main = number.to_string();
        let (status, scope, stack) = Stack::EMPTY.enter(Some(&client), class, Some(&main), &Given::Absent);
        assert_eq!(status, status::OK, "{class:?}: {}", last_error());
        assert_eq!(stack.enter_sub(class, Some("s")).0, status::OK);
        assert_eq!(stack.open_sub(class, Some("o")).0, status::OK);
        assert_eq!(leave(&stack, scope).open(Some(&client), class, Some("p"), &Given::Absent).0, status::OK);
        let contexts = [main.clone(), format!("{main}.s"), format!("{main}.o"), "p".to_owned()];
        let record = |class: &Value| json!({"MONA_ARC_CLASS": class});
        expected.extend(shown.iter().flat_map(|class| contexts.clone().map(|id| (id, record(class)))));
    }
    assert_eq!(delivered(&client), expected);
    for (class, refusal) in [
        (source("[1,"), status::JSON),
        (source(""), status::JSON),
        (source("1 2"), status::JSON),
        (source("18446744073709551616"), status::JSON),
        (Given::Unknown(9), status::ARGUMENT),
    ] {
        let refused = Stack::EMPTY.enter(Some(&client), &class, None, &Given::Absent);
        assert_eq!(refused.0, refusal, "{class:?}");
        assert!(refused.2.is_empty());
    }

    let (_, stack) = enter(&client, &Stack::EMPTY, "t");
    let invalid = |value: Value| (None, Some(value));
    let at = |seconds: i64| (Some(seconds), None);
    for (time, (seconds, reported)) in [
        (Given::Null, (None, None)),
        (Given::Bool(false), (None, None)),
        (Given::I64(0), (None, None)),
        (Given::F64(-0.0), (None, None)),
        (text(""), (None, None)),
        (source("[]"), (None, None)),
        (source(" { } "), (None, None)),
        (Given::I64(1_552_903_200), at(1_552_903_200)),
        (Given::U64(1_552_903_200), at(1_552_903_200)),
        (Given::F64(1_552_903_200.9), at(1_552_903_200)),
        (Given::F64(-1.5), at(-1)),
        (source(" 1552903200.9 "), at(1_552_903_200)),
        (Given::Bool(true), invalid(json!(true))),
        (Given::I64(253_402_300_800), invalid(json!(253_402_300_800_i64))),
        (Given::U64(u64::MAX), invalid(json!(u64::MAX))),
        (Given::F64(1e300), invalid(json!(1e300))),
        (text("2019-03-18"), invalid(json!("2019-03-18"))),
        (source("[1]"), invalid(json!([1]))),
        (source("12abc"), invalid(json!("12abc"))),
        (source("[1,"), invalid(json!("[1,"))),
    ] {
        assert_eq!(stack.export("{\"a\": 1}", &time), Ok(true), "{time:?}: {}", last_error());
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        let record: Value = serde_json::from_str(&client.take().unwrap()).unwrap();
        let found = record["export_timestamp"].as_i64().unwrap();
        assert!(seconds.map_or(found > 1_600_000_000, |seconds| seconds == found), "{time:?}: {found}");
        assert_eq!(record["message"].get("MONA_INVALID_EXPORT_TIMESTAMP"), reported.as_ref(), "{time:?}");
    }
    assert_eq!(stack.export("{\"a\": 1}", &Given::Unknown(0)), Err(status::ARGUMENT));
    assert_eq!(last_error(), "timestamp, kind: 0, one of the MONA_FIELD_ numbers is expected");
}

#[test]
fn a_batch_joins_an_enter_and_goes_to_its_client() {
    let (client, other) = (memory(), memory());
    let events = r#"[{"message": {"a": 1}, "context_id": "own", "arc_class": "A"}]"#;
    let (_, inside) = enter(&client, &Stack::EMPTY, "in");
    assert_eq!(inside.export_batch(Some(&other), events), (status::OK, 1));
    let (_, open) = Stack::EMPTY.open(Some(&client), &Given::Absent, Some("open"), &Given::Absent);
    assert_eq!(open.export_batch(Some(&other), events), (status::OK, 1));
    assert_eq!(id(&open), "open", "a value does not change");
    assert_eq!(open.export("{\"a\": 2}", &Given::Absent), Ok(true));
    let record = |id: &str, message: Value| (id.to_owned(), message);
    assert_eq!(delivered(&client), [record("in", json!({"a": 1})), record("open", json!({"a": 2}))]);
    assert_eq!(
        delivered(&other),
        [record("own", json!({"MONA_ARC_CLASS": "A"})), record("own", json!({"a": 1}))]
    );
}

#[test]
fn a_sub_context_keeps_the_client_and_the_sample_of_its_main_one() {
    load_release();
    let options = [("endpoint", "memory:"), ("sample_rates", r#"{"none": 0.0}"#)];
    let client = Client::new(&options).unwrap();
    let class = Given::Str("none".to_owned());
    let (_, _, left_out) = Stack::EMPTY.enter(Some(&client), &class, Some("m"), &Given::Absent);
    let (_, sub) = enter_sub(&left_out, "s");
    assert_eq!(sub.export("{\"a\": 1}", &Given::Absent), Ok(false));
    let (_, kept) = enter(&client, &Stack::EMPTY, "k");
    assert_eq!(enter_sub(&kept, "s").1.export("{\"a\": 1}", &Given::Absent), Ok(true));
    assert_eq!(delivered(&client), [("k.s".to_owned(), json!({"a": 1}))]);
}
