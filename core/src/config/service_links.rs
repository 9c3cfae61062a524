//! Variables that Kubernetes and Docker set beside a service, named after it: where it is, as nobody here chose it.
//!
//! A service called mona has a `MONA_PORT` of `tcp://10.0.0.1:24224` in every pod of its namespace, and one called
//! mona-collector a `MONA_COLLECTOR_SERVICE_HOST`. None of them is an option.

use std::ffi::OsString;

use crate::config::value::quoted;

/// Whether this text of a variable was set so: its twin, which is named after scheme and port too, says the same.
pub(super) fn is_set_for_a_service(name: &str, text: &[u8], env: &impl Fn(&str) -> Option<OsString>) -> bool {
    let parts = || {
        let (scheme, place) = std::str::from_utf8(text).ok()?.split_once("://")?;
        let (_, port) = place.rsplit_once(':')?;
        Some((scheme.to_ascii_uppercase(), port.parse::<u16>().ok()?))
    };
    let twin = parts().and_then(|(scheme, port)| env(&format!("{name}_{port}_{scheme}")));
    twin.is_some_and(|twin| twin.as_encoded_bytes() == text)
}

/// That a variable was set so and does not count.
pub(super) fn sentence(name: &str, text: &[u8]) -> String {
    let text = quoted(&String::from_utf8_lossy(text));
    format!(
        "environment variable {name}: {text} is what Kubernetes and Docker set for a service of that name, it does not \
         count; \"enableServiceLinks: false\" in the pod is expected, or a service of another name"
    )
}

/// Whether a variable of this name is set for a service, where all these are set.
pub(super) fn is_named_after_a_service(name: &str, all: &[String]) -> bool {
    let is_of_port = |name: &str| {
        name.match_indices("_PORT_").any(|(at, found)| {
            name.get(at + found.len()..)
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        })
    };
    let has_twin = || {
        let twins =
            all.iter().filter(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')));
        twins.into_iter().any(|twin| is_of_port(twin))
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || is_of_port(name)
        || name.ends_with("_PORT") && has_twin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_of_a_service_where_its_twin_says_the_same() {
        let env = |name: &str| match name {
            "MONA_PORT_24224_TCP" => Some("tcp://10.0.0.1:24224".into()),
            "MONA_PORT_53_UDP" => Some("udp://[fd00::1]:53".into()),
            _ => None,
        };
        let is_set = |text: &str| is_set_for_a_service("MONA_PORT", text.as_bytes(), &env);
        assert!(is_set("tcp://10.0.0.1:24224") && is_set("udp://[fd00::1]:53"));
        for text in
            ["tcp://10.0.0.2:24224", "tcp://10.0.0.1:24225", "tcp://10.0.0.1", "24224", "tcp://h:x", ""]
        {
            assert!(!is_set(text), "{text}");
        }
        assert!(!is_set_for_a_service("MONA_PORT", b"\xff://:1", &env));
    }

    #[test]
    fn names_of_services() {
        let all = ["MONA_DB_PORT", "MONA_DB_PORT_5432_TCP", "MONA_WEB_PORT", "MONA_WEB_PORT_NAME"]
            .map(str::to_owned);
        for name in [
            "MONA_SERVICE_HOST",
            "MONA_COLLECTOR_SERVICE_PORT",
            "MONA_COLLECTOR_SERVICE_PORT_HTTP",
            "MONA_PORT_24224_TCP_ADDR",
            "MONA_DB_PORT",
        ] {
            assert!(is_named_after_a_service(name, &all), "{name}");
        }
        for name in ["MONA_ENDPONT", "MONA_WEB_PORT", "MONA_WEB_PORT_NAME", "MONA_PORTS", "MONA_SERVICE"] {
            assert!(!is_named_after_a_service(name, &all), "{name}");
        }
    }
}
