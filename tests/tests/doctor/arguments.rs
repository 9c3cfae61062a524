//! Command lines that are wrong, and those that are not.

use super::tool::doctor;

#[test]
fn the_wrong_argument_is_named_with_the_one_it_may_stand_for() {
    for (words, expected) in [
        (&["--tiemout", "3"][..], "mona-doctor: --tiemout: no such argument (did you mean --timeout?)"),
        (&["--watch-"], "--watch-: no such argument (did you mean --watch?)"),
        (&["--jsn"], "(did you mean --json?)"),
        (&["--al"], "(did you mean --all?)"),
        (&["--unknown"], "mona-doctor: --unknown: no such argument\n"),
        (&["-x"], "mona-doctor: -x: no such argument\n"),
        (&["--json=1"], "mona-doctor: --json: it takes no value"),
        (&["-o"], "mona-doctor: -o: NAME=VALUE is expected behind it"),
        (&["--timeout"], "mona-doctor: --timeout: seconds are expected behind it"),
        (&["tls://user:hush-7a2c@host"], "mona-doctor: tls:...: an endpoint is given as -o endpoint=tls:..."),
        (&["shared_key=hush-7a2c"], "mona-doctor: shared_key=...: an option is given as -o shared_key=..."),
        (&["json"], "mona-doctor: json: a word that means nothing here (did you mean --json?)"),
        (&["queue_size"], "mona-doctor: queue_size: an option is given as -o queue_size=VALUE"),
        (&["hush-7a2c"], "mona-doctor: argument 1: a word that means nothing here"),
        (&["--all", "hush-7a2c"], "mona-doctor: argument 2: a word that means nothing here"),
        (
            &["--watch", "hush-7a2c"],
            "mona-doctor: --watch: a word behind it, seconds from 0.001 to 3600 are expected",
        ),
        (
            &["-o", "shared_key", "hush-7a2c"],
            "mona-doctor: -o shared_key: a word behind it, \"=\" and a value are expected",
        ),
        (&["-o", "hush-7a2c", "hush-7a2c"], "mona-doctor: -o NAME: a word behind it, \"=\" and a value are"),
        (&["--foo"], "mona-doctor: --foo: no such argument\n"),
        // Base64, and others with characters that names have not.
        (&["hush-7a2c=="], "mona-doctor: argument 1: a word that means nothing here"),
        (&["--all", "hush-7a2c://x"], "mona-doctor: argument 2: a word that means nothing here"),
        (&["--watch", "hush-7a2c="], "mona-doctor: argument 2: a word that means nothing here"),
        (&["-o", "shared_key", "--all", "hush-7a2c="], "mona-doctor: argument 4: a word that means nothing"),
        (&["-o", "shared_key", "hush-7a2c=="], "mona-doctor: -o shared_key: a word behind it, \"=\" and a"),
        (&["-o", "shared_key", "hush-7a2c:x"], "mona-doctor: -o shared_key: a word behind it, \"=\" and a"),
        (&["-o", "shared_key", "-hush-7a2c"], "mona-doctor: -o shared_key: a word behind it, \"=\" and a"),
        (&["endpoint=tls://u:hush-7a2c@h"], "endpoint=...: an option is given as -o endpoint=..."),
    ] {
        let said = doctor(2, &[], words);
        assert!(said.err.contains(expected), "{words:?}: {}", said.err);
        assert!(said.err.contains("\nusage: mona-doctor [-o NAME=VALUE]..."), "{}", said.err);
        assert!(said.err.ends_with("mona-doctor --help says more.\n") && said.out.is_empty(), "{}", said.err);
        assert!(!said.err.contains("hush-7a2c"), "{}", said.err);
    }
    for (words, expected) in [
        (&["--watch=x"][..], "mona-doctor: --watch: \"x\", seconds from 0.001 to 3600 are expected"),
        (&["--timeout", "0"], "mona-doctor: --timeout: \"0\", seconds from 0.001"),
        (
            &["-o", "queue_size"],
            "mona-doctor: -o queue_size: without \"=\" and a value, -o queue_size=VALUE is",
        ),
        (&["-o", "hush-7a2c"], "mona-doctor: -o: a text without a name and \"=\""),
        (&["-o", "endpoint=localhost:24224"], "(did you mean \"tcp://localhost:24224\"?), a list of URLs"),
        (&["-o", "endpoint=file:/tmp/x"], "\"file:/tmp/x\" (did you mean \"file:///tmp/x\"?)"),
        (&["-o", "endpoint=tcp://"], "\"tcp://\" (it names no host)"),
        (&["-o", "endpoint=htp://u:hush-7a2c@h"], "(did you mean \"http://...\"?)"),
        (&["-o", "qeue_size=5"], "option \"qeue_size\": an unknown option (did you mean \"queue_size\"?)"),
        (&["-o", "log_level=loud"], "option \"log_level\": \"loud\""),
        (&["-o", "print_logs=loud"], "option \"print_logs\": \"loud\""),
    ] {
        let said = doctor(2, &[], words);
        assert!(said.err.contains(expected), "{words:?}: {}", said.err);
        assert!(!said.err.contains("hush-7a2c"), "{}", said.err);
    }
}

#[test]
fn every_form_of_an_argument_is_taken() {
    for words in [
        &["-oendpoint=stdout:", "--timeout=3"][..],
        &["--option", "endpoint=stdout:", "--timeout", "3", "--all"],
        &["--option=endpoint=stdout:"],
    ] {
        doctor(0, &[], words).has("Every step succeeded.");
    }
    let help = doctor(0, &[], &["--help"]);
    for known in ["-o NAME=VALUE", "--all", "--watch [SECONDS]", "--json", "--timeout SECONDS", "--version"] {
        assert!(help.out.contains(&format!("\n  {known} ")), "{}", help.out);
    }
    doctor(0, &[], &["--all", "--version"]).has("mona-doctor, libmona ");
}
