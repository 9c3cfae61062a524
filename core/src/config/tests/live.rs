//! The Big Red Button and reloads of the config file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::*;

#[test]
fn the_big_red_button_is_pressed_by_any_source() {
    for text in ["1", "true", "yes", "on", "anything", " ", "off "] {
        assert!(
            Case::new().env("MONA_DISABLE_ALL", text).resolve().settings.live.disable_environment,
            "{text:?}"
        );
    }
    for text in ["", "0", "false", "FALSE", "no", "Off"] {
        assert!(
            !Case::new().env("MONA_DISABLE_ALL", text).resolve().settings.live.disable_environment,
            "{text:?}"
        );
    }
    let mut bytes = Case::new();
    bytes.environment.push(("MONA_DISABLE_ALL", OsString::from_vec(vec![0xff])));
    assert!(bytes.resolve().settings.live.disable_environment);
    let sources = |set: &str, env: &str, file: &str| {
        let case = Case::new().set("disable_all", set).env("MONA_DISABLE_ALL", env);
        let resolved = case.file(&format!("{{\"disable_all\": {file}}}")).resolve();
        assert!(resolved.warnings.is_empty());
        let live = &resolved.settings.live;
        (
            live.disable_option || live.disable_environment,
            live.disable_file,
            described(&resolved, "disable_all"),
        )
    };
    let by = |value: bool, source: &str| (Json::from(value), source.to_owned());
    assert_eq!(sources("true", "no", "false"), (true, false, by(true, "set")));
    assert_eq!(sources("false", "yes", "false"), (true, false, by(true, "environment")));
    assert_eq!(sources("false", "no", "true"), (false, true, by(true, "config file")));
    assert_eq!(sources("true", "yes", "true"), (true, true, by(true, "set")));
    assert_eq!(sources("false", "no", "\"0\""), (false, false, by(false, "set")));
}

#[test]
fn a_reload_changes_what_is_live_and_names_what_is_not() {
    let case = Case::new().set("log_level", "20").file("{\"queue_size\": 7, \"sample_rate\": 0.5}");
    let start = case.resolve();
    let file =
        case.rewritten("{\"sample_rate\": 0.25, \"log_level\": 40, \"port\": 1, \"disable_all\": true}");
    let (now, warnings) = start.reload(&file);
    let live = &now.settings.live;
    assert_eq!((live.sample_rate, live.log_level, live.disable_file), (0.25, 20, true));
    assert!(!live.disable_environment);
    assert_eq!((now.settings.port, now.settings.queue_size), (24224, 7));
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("new values of \"port\", \"queue_size\", "), "{warnings:?}");
    assert!(warnings[0].ends_with("takes effect at the next start"));
    assert_eq!(described(&now, "sample_rate"), (Json::from(0.25), "config file".to_owned()));
    assert_eq!(described(&now, "queue_size"), (Json::from(7), "config file".to_owned()));
    assert_eq!(described(&now, "disable_all"), (Json::from(true), "config file".to_owned()));
    let (later, warnings) = now.reload(&case.rewritten("{\"queue_size\": 7}"));
    assert_eq!((later.settings.live.sample_rate, later.settings.live.disable_file), (1.0, false));
    assert_eq!(described(&later, "sample_rate"), (Json::from(1.0), "default".to_owned()));
    assert!(warnings.is_empty());
}

#[test]
fn a_kill_stays_a_kill_when_the_file_says_something_wrong_about_it() {
    let case = Case::new().file("{\"disable_all\": true}");
    let start = case.resolve();
    let (now, warnings) = start.reload(&case.rewritten("{\"disable_all\": \"nope\", \"log_level\": 10}"));
    assert!(now.settings.live.disable_file);
    assert_eq!(now.settings.live.log_level, 10);
    assert_eq!(described(&now, "disable_all"), (Json::from(true), "config file".to_owned()));
    assert_eq!(warnings.len(), 1);
    let (now, _) = now.reload(&case.rewritten("{\"disable_all\": false}"));
    assert!(!now.settings.live.disable_file);
}
