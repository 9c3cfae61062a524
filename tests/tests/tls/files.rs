//! The files that options name: those that cannot be used, and those that come late.

use mona_collector::{Script, Service, Tls, TlsSettings};
use mona_tests::ledger::{self, client, context, export};
use mona_tests::native::{Client, last_error, load_release, status};
use mona_tests::reach::{FLUSH_MS, HOSTS, Trust, check_all_delivered, check_all_kept};
use mona_tests::said;

use crate::serve;

#[test]
fn files_that_cannot_be_used_are_refused_by_name() {
    let trust = Trust::new();
    let certificate = trust.authority().client("a client").unwrap();
    let other = trust.authority().client("another").unwrap();
    let chain = trust.file("chain.pem", &certificate.chain);
    let key = trust.file("key.pem", &certificate.key);
    let other_key = trust.file("other.pem", &other.key);
    let garbage = trust.file("garbage.pem", "garbage \u{1}\u{2} and more of it\n");
    let hollow = trust.file("hollow.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let mut cases = Vec::new();
    cases.push((vec![("ca_file", hollow.as_str())], "ca_file", hollow.as_str()));
    // What is wrong shows only together with the key.
    let pair = vec![("client_cert_file", hollow.as_str()), ("client_key_file", key.as_str())];
    cases.push((pair, "client_cert_file", ""));
    for file in [&garbage, &key] {
        cases.push((vec![("ca_file", file.as_str())], "ca_file", file.as_str()));
        cases.push((
            vec![("client_cert_file", file.as_str()), ("client_key_file", &key)],
            "client_cert_file",
            file,
        ));
    }
    for file in [&garbage, &chain, &other_key] {
        cases.push((
            vec![("client_cert_file", chain.as_str()), ("client_key_file", file.as_str())],
            "client_key_file",
            file,
        ));
    }
    cases.push((vec![("client_cert_file", chain.as_str())], "client_key_file", ""));
    cases.push((vec![("client_key_file", key.as_str())], "client_cert_file", ""));
    cases.push((vec![("tls_server_name", "no name")], "tls_server_name", "no name"));
    load_release();
    for (options, name, found) in cases {
        let mut all = vec![("endpoint", "tls://127.0.0.1:1")];
        all.extend(options);
        if !all.iter().any(|(name, _)| *name == "ca_file") {
            all.push(("ca_file", trust.ca_file()));
        }
        let answer = Client::new(&all).err();
        let text = last_error();
        assert_eq!(answer, Some(status::ARGUMENT), "{all:?}: {text}");
        assert!(text.contains(name) && text.contains(found) && text.contains(" expected"), "{all:?}: {text}");
        let secret: String = certificate.key.lines().nth(1).unwrap().to_owned();
        assert!(!text.contains(&secret), "{text}");
    }
    // Mended, the same options do.
    let collector = serve(trust.forward(), Script::normal());
    let file = trust.file("mended.pem", "garbage");
    assert_eq!(
        Client::new(&[("endpoint", &collector.endpoint()), ("ca_file", &file)]).err(),
        Some(status::ARGUMENT)
    );
    let file = trust.file("mended.pem", trust.authority().pem());
    let client = client(&collector.endpoint(), &[("ca_file", &file)]);
    export(&context(&client), "main", 0..10, 0);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    ledger::check_all_delivered(&client, &collector, 10);
}

/// Files of options that come after the client was made, as a secret that is mounted late: what is exported before is
/// delivered once they are there, and one line has said what is awaited.
#[test]
fn files_that_come_late_are_awaited() {
    let trust = Trust::new();
    let identity = trust.authority().client("a client").unwrap();
    let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
    settings.client_ca = Some(trust.authority().pem().to_owned());
    let tls = Tls::new(&settings).unwrap();
    let chain = trust.file("there.pem", &identity.chain);
    let key = trust.file("there.key", &identity.key);
    let half = |text: &str| text[..text.len() / 2].to_owned();
    // What stands at the path first: nothing, an empty file, a folder, half of the file.
    let cases = [
        ("ca_file", None, trust.authority().pem(), false),
        ("ca_file", Some(String::new()), trust.authority().pem(), true),
        ("ca_file", Some(half(trust.authority().pem())), trust.authority().pem(), false),
        ("client_cert_file", None, &identity.chain, false),
        ("client_key_file", None, &identity.key, true),
        ("client_key_file", Some(half(&identity.key)), &identity.key, false),
    ];
    load_release();
    std::thread::scope(|scope| {
        for (number, (option, first, whole, is_http)) in cases.into_iter().enumerate() {
            let service = if is_http { Service::http() } else { Service::forward() };
            let collector = serve(service.tls(tls.clone()), Script::normal());
            let name = format!("late-{number}.pem");
            let path = match &first {
                Some(text) => trust.file(&name, text),
                None => format!("{}.{name}", trust.ca_file()),
            };
            let (chain, key) = (chain.clone(), key.clone());
            let trust = &trust;
            scope.spawn(move || {
                let mut options = vec![
                    ("ca_file", trust.ca_file()),
                    ("client_cert_file", &chain),
                    ("client_key_file", &key),
                ];
                options.iter_mut().filter(|(name, _)| *name == option).for_each(|(_, file)| *file = &path);
                let client = client(&collector.endpoint(), &options);
                export(&context(&client), "main", 0..100, 0);
                let place = collector.addr().unwrap().to_string();
                said::wait_for(&place, &[option, &path, "expected"]);
                assert_eq!(client.flush(3000), Err(status::TIMEOUT));
                check_all_kept(&client, &collector, 100);
                let fresh = format!("{path}.fresh");
                std::fs::write(&fresh, whole).unwrap();
                std::fs::rename(&fresh, &path).unwrap();
                assert_eq!(client.flush(FLUSH_MS), Ok(()), "{option} {first:?}");
                check_all_delivered(&client, &[&collector], 100);
                assert_eq!(said::about(&path).len(), 1, "{:?}", said::about(&path));
            });
        }
    });
}
