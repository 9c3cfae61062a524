//! What a check sees of a handshake, and that it decides nothing differently.

use std::collections::HashMap;

use serde_json::Value;

use super::*;

/// What is seen of a connection to a server with this certificate, and whether it came about.
fn seen(
    tls: &Tls,
    identity: &super::peer::Identity,
    ways: Ways<'_>,
) -> (HashMap<&'static str, Value>, Result<(), TransportError>) {
    let server = Server::tls(config(identity, ways), 1, echo);
    let (watching, observed) = tls.observed();
    let secured = secured(server.address, &watching, NAME);
    assert_eq!(secured.is_ok(), self::secured_again(tls, identity, ways));
    let result = secured.map(|stream| stream.finish(soon()));
    drop(server.results());
    (observed.members().into_iter().collect(), result)
}

/// Whether the same client connects to such a server when nobody looks.
fn secured_again(tls: &Tls, identity: &super::peer::Identity, ways: Ways<'_>) -> bool {
    let server = Server::tls(config(identity, ways), 1, echo);
    let secured = secured(server.address, tls, NAME);
    let is_secured = secured.is_ok();
    drop(secured.map(|stream| stream.finish(soon())));
    drop(server.results());
    is_secured
}

#[test]
fn a_good_connection_tells_version_cipher_and_both_certificates() {
    let authority = Authority::new("right");
    let folder = Folder::new();
    let client = authority.issue(&["client.test"], 2020, 2080);
    let mut options = folder.trusting(&authority);
    options.push(("client_cert_file", text(&folder.file("client.pem", &client.certificate.pem()))));
    options.push(("client_key_file", text(&folder.file("client.key", &client.key.serialize_pem()))));
    let tls = Tls::load(&settings(options)).unwrap();
    for (version, name) in [(&TLS12, "1.2"), (&TLS13, "1.3")] {
        let ways = Ways { version: Some(version), clients_of: Some(&authority) };
        let (seen, result) = seen(&tls, &authority.identity(), ways);
        result.unwrap();
        assert_eq!(seen["tls"], name);
        assert!(seen["cipher"].as_str().unwrap().starts_with("TLS_"), "{seen:?}");
        assert_eq!(seen["certificate"]["names"], Value::from(vec![NAME]));
        assert_eq!(seen["certificate"]["issuer"], "CN=right");
        assert_eq!(seen["certificate"]["not_after"], "2090-01-01T00:00:00Z");
        assert_eq!(seen["client_certificate"]["not_after"], "2080-01-01T00:00:00Z");
    }
}

#[test]
fn a_certificate_that_is_refused_is_seen_too() {
    let (authority, other) = (Authority::new("right"), Authority::new("other"));
    let folder = Folder::new();
    let tls = Tls::load(&settings(folder.trusting(&authority))).unwrap();
    for (identity, issuer, words) in [
        (authority.issue(&[NAME], 2020, 2021), "CN=right", "by this machine's clock it is 20"),
        (authority.issue(&[NAME], 2070, 2071), "CN=right", "not valid before 2070-01-01"),
        (authority.issue(&["other.test"], 2020, 2090), "CN=right", "is for \"other.test\""),
        (other.identity(), "CN=other", "not issued by an authority in ca_file"),
    ] {
        let (seen, result) = seen(&tls, &identity, Ways::default());
        let error = result.unwrap_err();
        assert!(error.text.contains(words), "{}", error.text);
        assert_eq!(seen["certificate"]["issuer"], issuer, "{words}");
        assert!(!seen.contains_key("tls") && !seen.contains_key("client_certificate"), "{seen:?}");
    }
}
