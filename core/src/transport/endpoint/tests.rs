use super::list::MOST_USERNAME_BYTES;
use super::parse::{Target, parse};
use super::*;
use crate::config::{Options, Settings};
use crate::diag::error::{Result, Status};
use crate::net::host::is_loopback;

fn tcp(host: &str, port: u16) -> Target {
    Target::Tcp { host: host.to_owned(), port }
}

fn settings(options: &[(&str, &str)]) -> Settings {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).unwrap();
    }
    (*crate::config::resolve(&set, |_| None).settings).clone()
}

fn list(options: &[(&str, &str)]) -> Result<Vec<Endpoint>> {
    Endpoint::list_from_settings(&settings(options))
}

fn shown_list(options: &[(&str, &str)]) -> Vec<String> {
    list(options).unwrap().iter().map(Endpoint::to_string).collect()
}

#[test]
fn urls_name_targets() {
    let tls = |host: &str, port| Target::Tls { host: host.to_owned(), port };
    let service = |name: &str, is_tls| Target::Service { name: name.to_owned(), is_tls };
    for (url, place) in [
        ("tcp://127.0.0.1:24224", tcp("127.0.0.1", 24224)),
        ("tcp://[::1]:9", tcp("::1", 9)),
        ("TCP://collector.example", tcp("collector.example", 24224)),
        ("tcp://[::1]", tcp("::1", 24224)),
        ("tcp://a:5/", tcp("a", 5)),
        ("tls://a:5", tls("a", 5)),
        ("tls://[::1]", tls("::1", 24224)),
        ("srv+tls://_mona._tcp.example", service("_mona._tcp.example", true)),
        ("SRV+TCP://_forward._tcp.a.b.example./", service("_forward._tcp.a.b.example.", false)),
        ("https://h/p?q", Target::Http { url: "https://h/p?q".to_owned() }),
        ("https://h/a@b", Target::Http { url: "https://h/a@b".to_owned() }),
        ("unix:///run/mona.sock", Target::Unix("/run/mona.sock".into())),
        ("file:///tmp/a b.ndjson", Target::File("/tmp/a b.ndjson".into())),
        ("file:relative.ndjson", Target::File("relative.ndjson".into())),
        ("stdout:", Target::Stdout),
        ("memory:", Target::Memory),
        ("null:", Target::Null),
    ] {
        assert_eq!(parse(url).unwrap(), place);
    }
}

#[test]
fn wrong_urls_are_refused_with_a_sentence_that_names_the_option() {
    for url in [
        "",
        "tcp",
        "tcp://",
        "tcp://h:0",
        "tcp://h:70000",
        "tcp://h:x",
        "tcp://h:",
        "tcp://:5",
        "tcp://a:b:5",
        "tcp://[::1",
        "tcp://[x]:5",
        "tcp://h:5/path",
        "tls://h:5/path",
        "tls://",
        "srv+tls://example",
        "srv+tls://mona._tcp.example",
        "srv+tls://_mona._tcp",
        "srv+tls://_mona._tcp.",
        "srv+tls://_mona._tcp.example:24224",
        "srv+tcp://_._tcp.example",
        "srv+tcp://_mona._tcp.a..b",
        "srv+tcp://_mona._tcp.h\u{e9}",
        "srv+udp://_mona._tcp.example",
        &format!("srv+tls://_{}._tcp.example", "m".repeat(63)),
        &format!("srv+tls://_mona._{}.example", "t".repeat(63)),
        "unix://relative",
        "file:",
        "file:///",
        "memory:x",
        "ftp://h",
    ] {
        let error = parse(url).unwrap_err();
        assert_eq!(error.status(), Status::Argument, "{url}");
        assert!(error.detail().starts_with("option \"endpoint\": "), "{error}");
        assert!(error.detail().ends_with(" is expected"), "{error}");
    }
}

#[test]
fn user_parts_are_refused_and_never_shown() {
    for url in ["tcp://me:hush@h:5", "tls://me:hush@h", "http://me:hush@h/p", "https://hush@h?k=hush"] {
        let error = parse(url).unwrap_err();
        assert!(error.detail().contains("without"), "{error}");
        assert!(!error.detail().contains("hush"), "{error}");
    }
}

#[test]
fn several_collectors_are_a_list_and_other_places_are_not() {
    assert_eq!(
        shown_list(&[("endpoint", "tcp://a:1 , unix:///b,tcp://[::1]:2,srv+tcp://_a._tcp.b")]),
        ["tcp://a:1", "unix:///b", "tcp://[::1]:2", "srv+tcp://_a._tcp.b"]
    );
    assert_eq!(shown_list(&[("endpoint", "memory:")]), ["memory:"]);
    for endpoints in ["tcp://a,memory:", "null:,tcp://a", "tcp://a,file:///tmp/x"] {
        let error = list(&[("endpoint", endpoints)]).unwrap_err();
        assert!(error.detail().starts_with("option \"endpoint\": "), "{error}");
    }
    assert!(settings(&[]).endpoint.is_none());
    assert_eq!(shown_list(&[]), ["tcp://127.0.0.1:24224"]);
}

#[test]
fn keys_in_the_clear_stay_on_this_machine() {
    for name in ["shared_key", "username", "password"] {
        for endpoint in ["tcp://127.0.0.1", "tcp://[::1]", "tcp://localhost", "unix:///run/f.sock"] {
            assert!(list(&[("endpoint", endpoint), (name, "hush")]).is_ok(), "{endpoint}");
        }
        for endpoint in [
            "tcp://192.0.2.1",
            "tcp://collector.test",
            "srv+tcp://_mona._tcp.localhost",
            "unix:///run/f.sock,tcp://localhost.test",
        ] {
            let error = list(&[("endpoint", endpoint), (name, "hush")]).unwrap_err();
            assert!(error.detail().starts_with(&format!("option \"{name}\": ")), "{error}");
            assert!(!error.detail().contains("hush"), "{error}");
        }
    }
    let host = [("host", "collector.test"), ("use_ssl", "false"), ("shared_key", "hush")];
    assert!(list(&host).is_err());
    assert!(list(&host[..2]).is_ok());
    let long = "u".repeat(MOST_USERNAME_BYTES + 1);
    assert!(list(&[("username", &long)]).unwrap_err().detail().starts_with("option \"username\": "));
}

#[test]
fn loopback_is_told_from_the_rest() {
    for (host, expected) in [
        ("localhost", true),
        ("LOCALHOST", true),
        ("127.8.8.8", true),
        ("::1", true),
        ("::ffff:127.0.0.1", true),
        ("10.0.0.1", false),
        ("h", false),
    ] {
        assert_eq!(is_loopback(host), expected, "{host}");
    }
}

#[cfg(feature = "tls")]
mod with_tls {
    use super::*;
    use crate::net::tls::tests::peer::{Authority, Folder, text};

    #[test]
    fn host_and_port_take_tls_where_the_data_leaves_the_machine() {
        let folder = Folder::new();
        let ca_file = text(&folder.file("ca.pem", &Authority::new("right").certificate.pem()));
        let shown = |host: &str, use_ssl: &str| {
            shown_list(&[("ca_file", &ca_file), ("host", host), ("port", "7"), ("use_ssl", use_ssl)])
                .remove(0)
        };
        assert_eq!(shown("127.0.0.1", "auto"), "tcp://127.0.0.1:7");
        assert_eq!(shown("::1", "auto"), "tcp://[::1]:7");
        assert_eq!(shown("collector.test", "auto"), "tls://collector.test:7");
        assert_eq!(shown("127.0.0.1", "true"), "tls://127.0.0.1:7");
        assert_eq!(shown("collector.test", "false"), "tcp://collector.test:7");
        let both = list(&[("endpoint", "tls://a,tls://[::1]:8"), ("ca_file", &ca_file)]).unwrap();
        let trusts: Vec<_> = both
            .iter()
            .map(|endpoint| match endpoint {
                Endpoint::Tls { tls, .. } => tls,
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(trusts[0], trusts[1], "read once for all of them");
    }

    #[test]
    fn files_and_names_are_checked_when_a_client_is_made() {
        let folder = Folder::new();
        let garbage = text(&folder.file("garbage", "garbage"));
        let error = list(&[("endpoint", "tls://h"), ("ca_file", &garbage)]).unwrap_err();
        assert!(error.detail().starts_with("option \"ca_file\": "), "{error}");
        // Nobody reads the file where no TLS is asked for.
        assert!(list(&[("endpoint", "tcp://h"), ("ca_file", &garbage)]).is_ok());
        let ca_file = text(&folder.file("ca.pem", &Authority::new("right").certificate.pem()));
        let error = list(&[("endpoint", "tls://-h"), ("ca_file", &ca_file)]).unwrap_err();
        assert!(error.detail().contains("tls_server_name"), "{error}");
    }
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_build_without_tls_says_so() {
    for options in [[("endpoint", "tls://h")], [("host", "collector.test")]] {
        let error = list(&options).unwrap_err();
        assert!(error.detail().contains("this build of libmona leaves out"), "{error}");
    }
}

#[cfg(feature = "http")]
mod with_http {
    use super::*;

    #[test]
    fn urls_of_http_are_checked_and_shown_without_their_path() {
        assert_eq!(shown_list(&[("endpoint", "http://h:8080/hush?key=hush")]), ["http://h:8080/..."]);
        for url in ["http://h:0", "http://h/#part", "http://h:5x/"] {
            let error = list(&[("endpoint", url)]).unwrap_err();
            assert!(error.detail().starts_with("option \"endpoint\": "), "{error}");
        }
        let mixed = [("endpoint", "http://h,tcp://h"), ("http_format", "mona"), ("auth_mode", "none")];
        assert!(list(&mixed).unwrap_err().detail().contains("http_format"));
        assert_eq!(shown_list(&mixed[..1]).len(), 2);
    }
}

#[cfg(not(feature = "http"))]
#[test]
fn a_build_without_http_says_so() {
    for (name, value, option) in
        [("endpoint", "http://h", "endpoint"), ("http_format", "mona", "http_format")]
    {
        let error = list(&[(name, value)]).unwrap_err();
        assert!(error.detail().starts_with(&format!("option \"{option}\": ")), "{error}");
        assert!(error.detail().contains("this build of libmona leaves out"), "{error}");
    }
}

#[cfg(feature = "http")]
#[test]
fn protobuf_is_read_to_some_depth_only() {
    let (otlp, tcp) = ("otlp+http://127.0.0.1", "tcp://127.0.0.1");
    let both = format!("{tcp},{otlp}");
    for (endpoint, encoding, is_chosen, expected) in [
        (otlp, "protobuf", false, 31),
        (otlp, "protobuf", true, 60),
        (otlp, "json", false, 60),
        (tcp, "protobuf", false, 60),
        (both.as_str(), "protobuf", false, 31),
    ] {
        let options = [("endpoint", endpoint), ("otlp_encoding", encoding)];
        let depth = Endpoint::effective_max_depth(&list(&options).unwrap(), &settings(&options), is_chosen);
        assert_eq!(depth, expected, "{endpoint} {encoding} {is_chosen}");
    }
}
