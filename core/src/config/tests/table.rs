//! The table is complete, and each of its rows reaches the settings and `describe`.

use std::collections::BTreeSet;

use super::*;

/// A value of this row that differs from its default.
fn another(row: &Row) -> &'static str {
    match row.kind {
        Kind::Text => "another text",
        Kind::Host => "collector.example",
        Kind::Url => "https://auth.example/token",
        Kind::Endpoint => "tls://collector.example:24224, file:///tmp/records",
        Kind::Path => "/tmp/another",
        Kind::Headers => "X-Team: one\nX-Stage: two",
        Kind::Fields => "ssn, card_*",
        Kind::Bool if row.default == "true" => "FALSE",
        Kind::Bool => "1",
        Kind::Switch => "false",
        Kind::Print => "STDERR",
        Kind::Integer { .. } => "4096",
        Kind::Rate => "0.25",
        Kind::Rates => "{\"checkout\": 0.5}",
        Kind::Choice(words) => words.iter().find(|word| **word != row.default).unwrap(),
    }
}

/// Like `another`, but inside the bounds of the few rows where 4096 is not.
fn another_in_bounds(row: &Row) -> &'static str {
    match row.name {
        "queue_bytes" => "1000000",
        "spool_bytes" => "5000000",
        "log_level" => "10",
        _ => another(row),
    }
}

#[test]
fn the_table_has_every_option_once_with_its_environment_variable() {
    let names: BTreeSet<&str> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    assert_eq!(TABLE.len(), 54);
    for row in TABLE {
        let expected = match row.name {
            "config_file" => "MONA_CLIENT_CONFIG_FILE".to_owned(),
            "log_level" => "MONA_LOGGING_LEVEL".to_owned(),
            name => format!("MONA_{}", name.to_uppercase()),
        };
        assert_eq!(row.env, expected);
        // What the name of the option alone would give works too.
        let by_name = format!("MONA_{}", row.name.to_uppercase());
        assert_eq!(row.also, (row.env != by_name).then_some(by_name.as_str()));
        assert!(row.doc.len() > 40 && row.doc.ends_with('.'), "{} is not documented", row.name);
        let default = OptionValue::parse(row.kind, row.default);
        assert!(default.is_some_and(|default| default == row.default_value()), "{}", row.name);
        assert!(row.strict || !row.secret);
        assert!(!(row.strict && row.live));
    }
}

#[test]
fn every_option_reaches_its_setting_and_describe() {
    let plain = Case::new().resolve();
    assert_eq!((plain.warnings.len(), plain.infos.len()), (0, 0));
    for row in TABLE {
        let case = Case::new().set(row.name, another_in_bounds(row));
        let resolved = case.resolve();
        assert_ne!(resolved.settings, plain.settings, "{} changes nothing", row.name);
        assert_eq!(described(&resolved, row.name).1, "set");
        assert_ne!(described(&resolved, row.name).0, described(&plain, row.name).0);
        assert_eq!(described(&plain, row.name).1, "default");
        let from_env = resolve(&Options::new(), |name| {
            (name == row.env).then(|| another_in_bounds(row).to_owned().into())
        });
        assert_eq!(described(&from_env, row.name).1, "environment", "{}", row.name);
        if let Some(also) = row.also {
            let from_also = resolve(&Options::new(), |name| {
                (name == also).then(|| another_in_bounds(row).to_owned().into())
            });
            assert_eq!(from_also.settings, from_env.settings);
        }
        // Who pressed the Big Red Button is remembered.
        if row.name != "disable_all" {
            assert_eq!(from_env.settings, resolved.settings);
        }
    }
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = Case::new().resolve().settings;
    assert_eq!(
        (settings.user_id.as_str(), settings.host.as_str(), settings.port),
        ("EMPTY", "127.0.0.1", 24224)
    );
    assert_eq!((settings.queue_size, settings.queue_bytes), (100_000, 8_388_608));
    assert_eq!((settings.chunk_bytes, settings.max_event_bytes, settings.max_depth), (262_144, 262_144, 60));
    assert_eq!(settings.nonfinite, NonFinite::Null);
    assert_eq!(settings.flush_interval, Duration::from_millis(200));
    assert_eq!(settings.retry_max, Duration::from_secs(60));
    assert_eq!((&settings.endpoint, &settings.spool_dir, &settings.config_file), (&None, &None, &None));
    assert_eq!((settings.use_ssl, settings.spool_sync), (UseSsl::Auto, SpoolSync::Interval));
    assert_eq!(settings.ack, Ack::On);
    assert!(settings.queue_circular && !settings.blocking && !settings.event_id);
    assert_eq!((settings.live.log_level, settings.live.sample_rate), (30, 1.0));
    assert_eq!(settings.live.sample_rates, "{}");
}

#[test]
fn describe_lists_every_option_in_the_order_of_the_table() {
    let all: serde_json::Map<String, Json> =
        serde_json::from_str(&Case::new().resolve().describe(false)).unwrap();
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(names, TABLE.iter().map(|row| row.name).collect::<Vec<&str>>());
    let live: Vec<&str> =
        all.iter().filter(|(_, about)| about["live"] == true).map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        live,
        [
            "disable_all",
            "log_level",
            "print_logs",
            "sample_rate",
            "sample_rates",
            "drop_fields",
            "hash_fields",
            "drop_null_fields"
        ]
    );
}
