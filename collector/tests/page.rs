//! The page as a browser is given it: who is answered, with which headers, and that nothing from events is markup.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use mona_collector::store::Store;
use mona_collector::{Clients, Page, PageSettings};
use serde_json::{Value, json};

/// Ends a hang.
const LIMIT: Duration = Duration::from_secs(60);
/// What a class, an id, a name and a value may be at worst.
const HOSTILE: &str = "<script>alert(1)</script>\"'&\u{202e}\u{0}";

struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn start(store: &Arc<Store>, settings: PageSettings) -> Page {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    Page::start(listener, Arc::clone(store), settings).unwrap()
}

fn send(address: SocketAddr, request: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    BufReader::new(stream)
}

fn ask(address: SocketAddr, target: &str, headers: &str) -> Answer {
    let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n");
    let mut text = String::new();
    send(address, &request).read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// A view that is there.
fn view(page: &Page, target: &str) -> String {
    let answer = ask(page.address(), target, "");
    assert_eq!(answer.status, 200, "{target}: {}", answer.body);
    answer.body
}

fn add(store: &Store, context: &str, message: Value) {
    let record = json!({"user_id": HOSTILE, "context": context, "message": message, "export_timestamp": 1_800_000_000});
    store.add_json(&record.to_string()).unwrap();
}

/// Links of a view that lead to others.
fn links(body: &str) -> Vec<String> {
    let hrefs = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let hrefs = hrefs.map(|href| href.split('#').next().unwrap_or_default().replace("&amp;", "&"));
    hrefs.filter(|href| href.starts_with('/')).collect()
}

/// Every view that links lead to, from the first one.
fn walk(page: &Page, most: usize) -> Vec<(String, String)> {
    let (mut seen, mut waiting) = (Vec::<(String, String)>::new(), vec!["/".to_owned()]);
    let mut known: std::collections::HashSet<String> = waiting.iter().cloned().collect();
    while let Some(target) = waiting.pop() {
        if seen.len() >= most {
            break;
        }
        let answer = ask(page.address(), &target, "");
        assert!([200, 400, 404].contains(&answer.status), "{target}: {} {}", answer.status, answer.body);
        if answer.head.contains("text/html") {
            waiting.extend(links(&answer.body).into_iter().filter(|link| known.insert(link.clone())));
        }
        seen.push((target, answer.body));
    }
    seen
}

#[test]
fn every_answer_is_hardened() {
    let store = Store::temporary().unwrap();
    let page = start(&store, PageSettings::default());
    for target in
        ["/", "/classes", "/health", "/classes.csv", "/nowhere", "/assets/page.js", "/arcs", "/events"]
    {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\n\r\n", page.address());
        let head: Vec<String> = send(page.address(), &request)
            .lines()
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty())
            .collect();
        let head = head.join("\n").to_lowercase();
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(head.contains(wanted), "{target}: {wanted}: {head}");
        }
        assert!(!head.contains("unsafe"), "{head}");
    }
}

#[test]
fn pages_of_others_and_other_methods_are_refused() {
    let store = Store::temporary().unwrap();
    let page = start(&store, PageSettings::default());
    let address = page.address();
    let status = |request: String| {
        let mut line = String::new();
        send(address, &request).read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status("GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n".to_owned()), "403");
    assert_eq!(
        status(format!("GET / HTTP/1.1\r\nhost: {address}\r\norigin: http://evil.example\r\n\r\n")),
        "403"
    );
    assert_eq!(status(format!("POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n")), "405");
    let post =
        format!("POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert!(send(address, &post).lines().any(|line| line.unwrap().to_lowercase() == "allow: get, head"));
    assert_eq!(status(format!("HEAD / HTTP/1.1\r\nhost: {address}\r\n\r\n")), "200");
}

#[test]
fn others_on_the_network_need_the_token() {
    let store = Store::temporary().unwrap();
    let page = start(&store, PageSettings { token: Some("s3cret".to_owned()), ..PageSettings::default() });
    let (address, port) = (page.address(), page.address().port());
    for target in ["/", "/events", "/classes.csv", "/assets/page.js"] {
        assert_eq!(ask(address, target, "").status, 401, "{target}");
    }
    let welcome = ask(address, "/arcs?class=a&token=s3cret", "");
    assert_eq!(welcome.status, 303);
    assert!(welcome.head.contains("location: /arcs?class=a\r\n"), "{}", welcome.head);
    assert!(welcome.head.contains("httponly"), "{}", welcome.head);
    assert_eq!(ask(address, "/", &format!("cookie: mona-page-{port}=s3cret\r\n")).status, 200);
    assert_eq!(ask(address, "/", &format!("cookie: mona-page-{port}=other\r\n")).status, 401);
}

#[test]
fn nothing_from_events_is_markup() {
    let store = Store::temporary().unwrap();
    for context in [HOSTILE, "b"] {
        add(&store, context, json!({"MONA_ARC_CLASS": HOSTILE}));
        add(
            &store,
            context,
            json!({HOSTILE: HOSTILE, "n": 1, "": "", "=1+1": "=1+1", "mixed": context == "b"}),
        );
    }
    add(&store, "b", json!({"mixed": "text"}));
    store.refuse(HOSTILE);
    let page = start(&store, PageSettings::default());
    let seen = walk(&page, 200);
    let mut shown = 0;
    for (target, body) in &seen {
        // A value as a whole is plain text, and CSV is a file.
        if target.starts_with("/value") || target.contains(".csv") || target.starts_with("/assets") {
            continue;
        }
        // An input has to give back exactly what it was given; nothing of it is shown.
        let body: String =
            body.split(" value=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect();
        assert!(!body.contains("<script>"), "{target}: {body}");
        assert!(!body.contains('\u{202e}') && !body.contains('\0'), "{target}");
        assert!(!body.contains("style=") && !body.contains("onload="), "{target}");
        shown += usize::from(body.contains("&lt;script&gt;"));
    }
    assert!(shown >= 5 && seen.len() > 20, "{shown} of {}", seen.len());
}

#[test]
fn every_table_is_csv_and_a_formula_is_text() {
    let store = Store::temporary().unwrap();
    add(&store, "a", json!({"MONA_ARC_CLASS": "digits"}));
    add(&store, "a", json!({"label": "=1+1", "score": 0.25, "big": 9_007_199_254_740_993_u64}));
    let page = start(&store, PageSettings::default());
    let arcs = ask(page.address(), "/arcs.csv?class=digits", "");
    assert!(arcs.head.contains("text/csv") && arcs.head.contains("attachment"), "{}", arcs.head);
    assert!(arcs.body.lines().next().unwrap().ends_with("label,score,big"), "{}", arcs.body);
    assert!(arcs.body.contains(",'=1+1,0.25,9007199254740993"), "{}", arcs.body);
    for target in ["/", "/classes", "/arcs?class=digits", "/fields?class=digits", "/health"] {
        for link in links(&view(&page, target)).iter().filter(|link| link.contains(".csv")) {
            assert!(ask(page.address(), link, "").head.contains("text/csv"), "{link}");
        }
    }
}

#[test]
fn every_page_of_a_table_leads_to_all_of_it() {
    let store = Store::temporary().unwrap();
    for n in 0..60 {
        add(&store, &format!("a{n}"), json!({"MONA_ARC_CLASS": "digits", "n": n}));
    }
    let page = start(&store, PageSettings::default());
    let links = links(&view(&page, "/arcs?class=digits&page=2"));
    let csv = links.iter().find(|link| link.starts_with("/arcs.csv")).unwrap();
    assert_eq!(ask(page.address(), csv, "").body.lines().count(), 61);
    // Numbers that are none of the store's.
    let (most, whole, least) = (u64::MAX, i64::MAX, i64::MIN);
    for target in [
        format!("/arcs?class=digits&page={most}"),
        format!("/arc?id=1000000&page={most}&stage={most}"),
        format!("/arc?id={whole}"),
        format!("/arc?id={least}"),
        format!("/value?arc={whole}&event={most}"),
        format!("/value?arc={least}&event=0"),
        format!("/value?context={whole}"),
    ] {
        let answer = ask(page.address(), &target, "");
        assert!([200, 404].contains(&answer.status), "{target}: {}", answer.body);
    }
}

/// Twenty thousand rows of long texts are more than a browser, or the memory of a machine, takes.
#[test]
fn a_table_of_csv_has_a_bound() {
    let store = Store::temporary().unwrap();
    let text = "x".repeat(4_000);
    for n in 0..600 {
        let mut message: serde_json::Map<String, Value> =
            (0..40).map(|field| (format!("f{field}"), json!(text))).collect();
        message.insert("MONA_ARC_CLASS".to_owned(), json!("long"));
        add(&store, &format!("a{n}"), Value::Object(message));
    }
    let page = start(&store, PageSettings::default());
    let answer = ask(page.address(), "/arcs.csv?class=long", "");
    assert!(answer.status == 400 && answer.body.contains("mona-collector export"), "{}", answer.status);
    let few = ask(page.address(), "/arcs.csv?class=long&col=f1", "");
    assert_eq!(few.body.lines().count(), 601);
    // What looks at some rows alone takes fewer of them.
    view(&page, "/kapis?class=long");
}

#[test]
fn what_is_large_is_cut_and_the_whole_is_one_link_away() {
    let store = Store::temporary().unwrap();
    let wide: serde_json::Map<String, Value> =
        (0..10_000).map(|n| (format!("field {n}"), n.into())).collect();
    let large = "x".repeat(1 << 20);
    add(&store, "wide", json!({"MONA_ARC_CLASS": "wide"}));
    add(&store, "wide", wide.into());
    add(&store, "large", json!({"MONA_ARC_CLASS": "large"}));
    add(&store, "large", json!({"text": large}));
    for n in 0..1_500 {
        add(&store, &format!("many.{n}"), json!({"MONA_ARC_CLASS": "part", "n": n}));
    }
    let page = start(&store, PageSettings::default());
    let seen = walk(&page, 150);
    for (target, body) in
        seen.iter().filter(|(target, _)| !target.starts_with("/value") && !target.contains(".csv"))
    {
        assert!(body.len() < 400_000, "{target}: {} bytes", body.len());
    }
    let arcs = view(&page, "/arcs?class=large");
    let arc = links(&arcs).into_iter().find(|link| link.starts_with("/arc?")).unwrap();
    let arc = view(&page, &arc);
    let whole =
        links(&arc).into_iter().find(|link| link.starts_with("/value") && link.contains("event=1")).unwrap();
    let whole = ask(page.address(), &whole, "");
    assert!(
        whole.head.contains("text/plain")
            && serde_json::from_str::<Value>(&whole.body).is_ok_and(|body| body == json!({"text": large})),
        "{}",
        whole.head
    );
}

#[test]
fn a_text_is_found_wherever_it_is() {
    let store = Store::temporary().unwrap();
    for (context, name) in [("a1", "fifty %"), ("b2", "FIFTY"), ("c3", "other")] {
        add(&store, context, json!({"MONA_ARC_CLASS": "digits", "n": 1}));
        add(&store, context, json!({"deep": {"name": name}}));
    }
    let page = start(&store, PageSettings::default());
    for (text, expected) in
        [("fifty", vec!["a1", "b2"]), ("fifty+%25", vec!["a1"]), ("C3", vec!["c3"]), ("%25", vec!["a1"])]
    {
        let body = view(&page, &format!("/arcs.csv?class=digits&text={text}"));
        let found: Vec<&str> = body
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap())
            .filter(|line| line.len() == 2)
            .collect();
        assert_eq!(found.iter().rev().copied().collect::<Vec<_>>(), expected, "{text}: {body}");
    }
    let body = view(&page, "/arcs?class=digits&text=fifty");
    assert!(body.contains("Remove text") && body.contains("Rows 1 to 2 of 2"), "{body}");
    // The same text holds where figures are computed from these ARCs.
    assert!(view(&page, "/by?class=digits&kapi=n&by=deep.name&text=fifty").contains("2 ARCs"));
}

#[test]
fn the_csv_of_any_part_has_all_rows() {
    let store = Store::temporary().unwrap();
    for n in 0..70 {
        add(&store, &format!("a{n}"), json!({"MONA_ARC_CLASS": "digits", "n": n}));
    }
    let page = start(&store, PageSettings::default());
    let second = view(&page, "/arcs?class=digits&page=2");
    assert!(second.contains("Rows 51 to 70 of 70"), "{second}");
    let csv = links(&second).into_iter().find(|link| link.starts_with("/arcs.csv")).unwrap();
    assert_eq!(view(&page, &csv).lines().count(), 71);
}

#[test]
fn delivery_is_counted_by_client() {
    let store = Store::temporary().unwrap();
    let clients = Arc::new(Clients::default());
    clients.took("192.0.2.7:4000", Some(HOSTILE), 12, 3_456);
    clients.took("192.0.2.7:4001", None, 1, 1);
    clients.refused("192.0.2.7:4002");
    let page = start(&store, PageSettings { clients, ..PageSettings::default() });
    let body = view(&page, "/health.csv?table=clients");
    let row = body.lines().nth(1).unwrap();
    assert!(row.starts_with("192.0.2.7,") && row.contains(",2,13,3457,1,"), "{body}");
    assert!(!view(&page, "/health").contains("<script>alert"));
}

#[test]
fn a_class_of_thousands_of_fields_is_looked_at_like_any_other() {
    let store = Store::temporary().unwrap();
    for n in 0..40 {
        let mut wide: serde_json::Map<String, Value> =
            (0..10_000).map(|field| (format!("f{field}"), (n * field).into())).collect();
        wide.insert("MONA_ARC_CLASS".to_owned(), "wide".into());
        add(&store, &n.to_string(), wide.into());
        let stage = json!({"MONA_ARC_CLASS": "wide/stage", "text": "x".repeat(1 << 20), "ms": n});
        add(&store, &format!("{n}.s"), stage);
    }
    let page = start(&store, PageSettings::default());
    for target in [
        "/arcs?class=wide&sort=-f1999",
        "/arcs?class=wide&f=f1500&op=ge&v=3000",
        "/fields?class=wide",
        "/fields?class=wide&page=9",
        "/field?class=wide&field=f1999",
        "/field?class=wide&field=wide%2Fstage.text",
        "/kapis?class=wide&kapi=f1999",
        "/by?class=wide&kapi=f3&by=wide%2Fstage.text",
        "/by?class=wide&kapi=wide%2Fstage.ms&by=f499&and=wide%2Fstage.text",
        "/changes?class=wide",
        "/changes?class=wide%2Fstage",
    ] {
        let body = view(&page, target);
        assert!(body.len() < 1_000_000, "{target}: {} bytes", body.len());
    }
}

#[test]
fn a_live_view_is_told_of_events() {
    let store = Store::temporary().unwrap();
    let page = start(&store, PageSettings::default());
    let request = format!("GET /events HTTP/1.1\r\nhost: {}\r\n\r\n", page.address());
    let mut stream = send(page.address(), &request);
    let mut next = || {
        let mut line = String::new();
        while !line.starts_with("data:") {
            line.clear();
            assert!(stream.read_line(&mut line).unwrap() > 0, "the stream ended");
        }
        line
    };
    let first = next();
    assert!(view(&page, "/").contains("Nothing has arrived yet"));
    add(&store, "a", json!({"MONA_ARC_CLASS": "digits"}));
    assert_ne!(next(), first);
    assert!(view(&page, "/").contains("digits"));
}

#[test]
fn the_end_waits_for_nobody() {
    let store = Store::temporary().unwrap();
    let page = start(&store, PageSettings::default());
    let address = page.address();
    // A live view, and a connection that says nothing.
    let mut live = send(address, &format!("GET /events HTTP/1.1\r\nhost: {address}\r\n\r\n"));
    live.read_line(&mut String::new()).unwrap();
    let silent = TcpStream::connect(address).unwrap();
    drop(page);
    assert!(TcpStream::connect(address).is_err());
    drop(silent);
}
