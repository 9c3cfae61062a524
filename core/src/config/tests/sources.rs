//! Which source counts, and what is said about wrong values in the environment and the config file.

use super::*;

#[test]
fn set_goes_before_environment_before_file_before_default() {
    let text = "{\"user_id\": \"file\", \"host\": \"file\", \"queue_size\": 7}";
    let case =
        Case::new().set("user_id", "set").env("MONA_USER_ID", "env").env("MONA_HOST", "env").file(text);
    let resolved = case.resolve();
    let settings = &resolved.settings;
    assert_eq!((settings.user_id.as_str(), settings.host.as_str()), ("set", "env"));
    assert_eq!((settings.queue_size, settings.port), (7, 24224));
    assert_eq!(described(&resolved, "user_id"), (Json::from("set"), "set".to_owned()));
    assert_eq!(described(&resolved, "host"), (Json::from("env"), "environment".to_owned()));
    assert_eq!(described(&resolved, "queue_size"), (Json::from(7), "config file".to_owned()));
    assert_eq!(described(&resolved, "port"), (Json::from(24224), "default".to_owned()));
    assert_eq!(resolved.infos, [format!("config file: {:?}", case.path())]);
    assert!(resolved.warnings.is_empty());
}

#[test]
fn an_empty_variable_is_unset_and_an_empty_text_set_by_hand_is_not() {
    let case = Case::new().env("MONA_USER_ID", "").env("MONA_QUEUE_SIZE", "").file("{\"user_id\": \"file\"}");
    assert_eq!(case.resolve().settings.user_id, "file");
    assert!(case.resolve().warnings.is_empty());
    let case = Case::new().env("MONA_ENDPOINT", "memory:").set("endpoint", "");
    assert_eq!(case.resolve().settings.endpoint, None);
}

#[test]
fn a_wrong_variable_is_one_warning_and_the_file_counts() {
    let mut case = Case::new().env("MONA_QUEUE_SIZE", "many").file("{\"queue_size\": 7}");
    case.environment.push(("MONA_USER_ID", OsString::from_vec(vec![0xff])));
    let resolved = case.resolve();
    assert_eq!((resolved.settings.queue_size, resolved.settings.user_id.as_str()), (7, "EMPTY"));
    assert_eq!(
        resolved.warnings,
        [
            "environment variable MONA_USER_ID: \"\u{fffd}\", text in UTF-8 is expected",
            "environment variable MONA_QUEUE_SIZE: \"many\", a whole number from 1 to 10000000 is expected",
        ]
    );
}

#[test]
fn a_wrong_value_in_the_file_is_one_warning_and_the_default_counts() {
    let text = "{\"queue_size\": 1.5, \"ack\": \"maybe\", \"user_id\": [1], \"sample_rates\": {\"a\": 7}}";
    let case = Case::new().file(text);
    let resolved = case.resolve();
    assert_eq!(resolved.settings.queue_size, 100_000);
    assert_eq!(resolved.settings.ack, Ack::On);
    assert_eq!(
        (resolved.settings.user_id.as_str(), resolved.settings.live.sample_rates.as_str()),
        ("EMPTY", "{}")
    );
    assert_eq!(resolved.warnings.len(), 4, "{:?}", resolved.warnings);
    assert!(resolved.warnings.contains(&format!(
        "option \"queue_size\" in config file {:?}: \"1.5\", a whole number from 1 to 10000000 is expected",
        case.path()
    )));
}

#[test]
fn a_wrong_destination_or_key_gives_way_to_nothing() {
    for (name, wrong) in [
        ("endpoint", "htps://h"),
        ("host", "a b"),
        ("port", "70000"),
        ("use_ssl", "yes"),
        ("http_format", "moan"),
        ("auth_mode", "open"),
        ("auth_url", "ftp://h"),
        ("http_header", "hush"),
    ] {
        let row = TABLE.iter().find(|row| row.name == name).unwrap();
        let in_environment = Case::new().env(row.env, wrong);
        let beside_the_file = Case::new().file("{\"endpoint\": \"\"}").env(row.env, wrong);
        let in_the_file = Case::new().file(&format!("{{\"{name}\": \"{wrong}\"}}"));
        for case in [in_environment, beside_the_file, in_the_file] {
            let resolved = case.resolve();
            let refusal = resolved.refusal.unwrap();
            assert_eq!(refusal.status(), Status::Argument);
            assert!(refusal.detail().contains(row.env) || refusal.detail().contains(name), "{refusal}");
            assert!(!refusal.detail().contains("hush"), "{refusal}");
            assert_eq!(resolved.warnings, [""; 0], "{name}");
        }
    }
    let mut bytes = Case::new();
    bytes.environment.push(("MONA_SHARED_KEY", OsString::from_vec(vec![0xff])));
    assert!(bytes.resolve().refusal.is_some());
}

#[test]
fn a_wrong_value_that_does_not_count_is_a_warning() {
    let set = Case::new().set("endpoint", "memory:").env("MONA_ENDPOINT", "nonsense").env("MONA_PORT", "0");
    let resolved = set.file("{\"endpoint\": \"wrong\", \"host\": \"a b\"}").resolve();
    assert!(resolved.refusal.is_none());
    assert_eq!(resolved.warnings.len(), 4, "{:?}", resolved.warnings);
    assert_eq!(resolved.settings.endpoint.as_deref(), Some("memory:"));
}

#[test]
fn a_file_that_becomes_wrong_changes_nothing() {
    let case =
        Case::new().file("{\"endpoint\": \"tcp://a:1\", \"sample_rate\": 0.5, \"drop_fields\": \"ssn\"}");
    let (now, warnings) = case.resolve().reload(&case.rewritten(
        "{\"endpoint\": \"tpc://b:1\", \"sample_rate\": 7, \"drop_fields\": \"*\", \"log_level\": 10}",
    ));
    assert!(now.refusal.is_none());
    let live = &now.settings.live;
    assert_eq!((live.sample_rate, live.drop_fields.as_str(), live.log_level), (0.5, "*", 10));
    assert_eq!(now.settings.endpoint.as_deref(), Some("tcp://a:1"));
    assert_eq!(described(&now, "sample_rate"), (Json::from(0.5), "config file".to_owned()));
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.ends_with("; what was in force stays")), "{warnings:?}");
}

#[test]
fn two_names_of_one_variable_that_differ_are_one_warning() {
    let case = Case::new().env("MONA_LOGGING_LEVEL", "20").env("MONA_LOG_LEVEL", "10");
    let resolved = case.resolve();
    assert_eq!(resolved.settings.live.log_level, 20);
    assert_eq!(
        resolved.warnings,
        ["environment variables MONA_LOGGING_LEVEL and MONA_LOG_LEVEL: both are set and differ, \
          MONA_LOGGING_LEVEL counts; one of them is expected"]
    );
    for (first, second) in [("10", "10"), ("", "10"), ("10", "")] {
        let case = Case::new().env("MONA_LOGGING_LEVEL", first).env("MONA_LOG_LEVEL", second);
        let resolved = case.resolve();
        assert_eq!((resolved.settings.live.log_level, resolved.warnings.len()), (10, 0));
    }
}

#[test]
fn two_destinations_are_one_warning_that_names_both() {
    let case = Case::new().set("endpoint", "memory:").env("MONA_HOST", "collector.example");
    let resolved = case.file("{\"port\": 7}").resolve();
    assert!(resolved.refusal.is_none());
    assert_eq!(
        resolved.warnings,
        [
            "options \"endpoint\" (set) and \"host\" (environment), \"port\" (config file): both say where records \
          go, \"endpoint\" counts; one of them is expected"
        ]
    );
}

#[test]
fn the_file_takes_json_of_the_fitting_type() {
    let text = "{\"ack\": 0, \"blocking\": 2, \"event_id\": true, \"drop_null_fields\": \"TRUE\", \"use_ssl\": false,
        \"port\": \"99\", \"user_id\": 12, \"sample_rate\": 0.5, \"sample_rates\": {\"a\": 0, \"b\": 0.25},
        \"host\": null, \"print_logs\": false}";
    let case = Case::new().file(text);
    let resolved = case.resolve();
    let settings = &resolved.settings;
    assert_eq!(resolved.warnings, Vec::<String>::new());
    assert_eq!(settings.ack, Ack::Off);
    assert!(settings.blocking && settings.event_id && settings.live.drop_null_fields);
    assert_eq!((settings.use_ssl, settings.port, settings.user_id.as_str()), (UseSsl::Off, 99, "12"));
    assert_eq!(settings.live.sample_rates, "{\"a\":0,\"b\":0.25}");
    assert_eq!(described(&resolved, "sample_rates").0, serde_json::json!({"a": 0, "b": 0.25}));
    assert_eq!(described(&resolved, "use_ssl").0, Json::from(false));
    assert_eq!(described(&resolved, "host").1, "default");
}

#[test]
fn log_lines_are_printed_where_the_option_says() {
    let print = |case: Case| {
        let resolved = case.resolve();
        assert_eq!(resolved.warnings, Vec::<String>::new());
        (resolved.settings.live.print_logs, described(&resolved, "print_logs").0)
    };
    let (off, on) = ((Print::Off, Json::from(false)), (Print::On, Json::from(true)));
    let stderr = (Print::Stderr, Json::from("stderr"));
    assert_eq!(print(Case::new()), off);
    for (text, expected) in [("0", &off), ("FALSE", &off), ("1", &on), ("true", &on), ("StdErr", &stderr)] {
        assert_eq!(print(Case::new().set("print_logs", text)), *expected, "{text}");
        assert_eq!(print(Case::new().env("MONA_PRINT_LOGS", text)), *expected, "{text}");
        assert_eq!(print(Case::new().file(&format!("{{\"print_logs\": \"{text}\"}}"))), *expected, "{text}");
    }
    for (json, expected) in [("0", &off), ("false", &off), ("2.5", &on), ("true", &on)] {
        assert_eq!(print(Case::new().file(&format!("{{\"print_logs\": {json}}}"))), *expected, "{json}");
    }
    let mut options = Options::new();
    let error = options.set("print_logs", "stdout").unwrap_err().to_string();
    assert!(error.ends_with("true, false, 1, 0 or stderr is expected"), "{error}");
}

#[test]
fn unknown_keys_are_one_warning_and_another_config_file_is_ignored() {
    let case = Case::new().file("{\"one\": 1, \"user_id\": \"u\", \"two\": [], \"config_file\": \"/other\"}");
    let resolved = case.resolve();
    assert_eq!(resolved.settings.user_id, "u");
    assert_eq!(resolved.settings.config_file, Some(case.path()));
    assert_eq!(resolved.warnings.len(), 2);
    assert!(
        resolved.warnings[0].contains("unknown options \"one\", \"two\", names"),
        "{:?}",
        resolved.warnings
    );
    assert!(resolved.warnings[1].contains("\"config_file\"") && resolved.warnings[1].contains("ignored"));
    let many: Vec<String> = (0..2_000).map(|number| format!("\"k{number}\": 1")).collect();
    let resolved = Case::new().file(&format!("{{{}}}", many.join(","))).resolve();
    assert!(resolved.warnings[0].contains(" and 1990 more, ") && resolved.warnings[0].len() < 500);
}

#[test]
fn a_missing_or_invalid_file_means_one_warning_and_the_other_sources() {
    for text in [None, Some("not json"), Some("[]"), Some("")] {
        let case = Case::new().env("MONA_USER_ID", "env");
        let path = case.path();
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let case = case.set("config_file", path.to_str().unwrap());
        let resolved = case.resolve();
        assert_eq!(resolved.warnings.len(), 1);
        assert!(resolved.warnings[0].starts_with(&format!("config file {path:?}: ")));
        assert_eq!(resolved.infos.len(), 1);
        assert_eq!(resolved.settings.user_id, "env");
        assert!(!resolved.settings.live.disable_file);
        assert!(resolved.config.is_some_and(|snapshot| snapshot.content.is_err()));
    }
}

#[test]
fn relative_paths_become_absolute() {
    let resolved = Case::new().set("config_file", "no/such.json").set("spool_dir", "spool").resolve();
    let here = std::env::current_dir().unwrap();
    assert_eq!(resolved.settings.config_file, Some(here.join("no/such.json")));
    assert_eq!(resolved.settings.spool_dir, Some(here.join("spool")));
    assert_eq!(resolved.infos, [format!("config file: {:?}", here.join("no/such.json"))]);
}

#[test]
fn what_cannot_be_larger_than_another_option_is_lowered() {
    let resolved = Case::new().set("queue_bytes", "65536").set("chunk_bytes", "100000").resolve();
    let settings = &resolved.settings;
    assert_eq!((settings.chunk_bytes, settings.max_event_bytes), (65_536, 65_536));
    assert_eq!(described(&resolved, "chunk_bytes").0, Json::from(65_536));
    assert_eq!(
        resolved.warnings,
        ["option \"chunk_bytes\": 100000, at most the 65536 of \"queue_bytes\" is expected and used"]
    );
    let resolved = Case::new().set("retry_max_ms", "50").resolve();
    assert_eq!(resolved.settings.retry_initial, Duration::from_millis(50));
    assert!(resolved.warnings.is_empty());
}

#[test]
fn a_port_that_a_cluster_sets_for_a_service_is_no_option() {
    let of_cluster = "tcp://10.0.0.1:24224";
    let beside = || Case::new().env("MONA_PORT", of_cluster).env("MONA_PORT_24224_TCP", of_cluster);
    let resolved = beside().env("MONA_HOST", "mona").file("{\"port\": 7}").resolve();
    assert!(resolved.refusal.is_none());
    assert_eq!((resolved.settings.host.as_str(), resolved.settings.port), ("mona", 7));
    let [warning] = &resolved.warnings[..] else { panic!("{:?}", resolved.warnings) };
    assert!(warning.contains("enableServiceLinks"), "{warning}");
    assert_eq!(beside().resolve().settings.port, 24224);

    // Without the twin somebody meant it, and a wrong destination gives way to nothing.
    assert!(Case::new().env("MONA_PORT", of_cluster).resolve().refusal.is_some());
}

#[test]
fn a_wrong_host_is_shown_without_a_user() {
    for host in ["u:hush@h", "h/hush", "h?hush", "tcp://u:hush@h"] {
        let refusal = Case::new().env("MONA_HOST", host).resolve().refusal.unwrap();
        assert!(!refusal.detail().contains("hush"), "{refusal}");
    }
}
