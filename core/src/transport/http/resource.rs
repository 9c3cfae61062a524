//! Who sends, as the resource of OTLP.

use crate::config::{SERVICE_NAME, Settings};
use crate::sys::host;

/// The attributes of the resource: those that this library knows, then what the environment adds.
pub(super) fn attributes(settings: &Settings, instance: &str) -> Vec<(String, String)> {
    let given = &settings.otel_variables.attributes;
    let name = settings.service_name.clone().or_else(|| {
        let given = given.iter().find(|(key, _)| key == SERVICE_NAME);
        given.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    });
    let own = [
        (SERVICE_NAME, Some(name.unwrap_or_else(unknown_service))),
        ("service.instance.id", Some(instance.to_owned())),
        ("host.name", host::name()),
        ("telemetry.sdk.name", Some("libmona".to_owned())),
        ("telemetry.sdk.language", Some("rust".to_owned())),
        ("telemetry.sdk.version", Some(env!("CARGO_PKG_VERSION").to_owned())),
    ];
    let own = own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let mut attributes: Vec<(String, String)> = own.collect();
    for (key, value) in given {
        if !attributes.iter().any(|(known, _)| known == key) {
            attributes.push((key.clone(), value.clone()));
        }
    }
    attributes
}

/// What the specification of OpenTelemetry has for a service without a name.
fn unknown_service() -> String {
    match host::program() {
        Some(program) => format!("unknown_service:{program}"),
        None => "unknown_service".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::tests::settings;

    fn of(options: &[(&str, &str)], environment: &[(&str, &str)]) -> Vec<(String, String)> {
        attributes(&settings(options, environment), "an-instance")
    }

    fn value<'a>(attributes: &'a [(String, String)], key: &str) -> &'a str {
        let mut found = attributes.iter().filter(|(known, _)| known == key);
        let (Some((_, value)), None) = (found.next(), found.next()) else { panic!("{key} once") };
        value
    }

    #[test]
    fn the_name_of_the_service_has_four_sources() {
        let listed = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed,a=b");
        let named = ("OTEL_SERVICE_NAME", "named");
        let option = ("service_name", "option");
        for (options, environment, expected) in [
            (vec![option], vec![named, listed], "option"),
            (vec![], vec![named, listed], "named"),
            (vec![], vec![listed], "listed"),
        ] {
            let found = of(&options, &environment);
            assert_eq!(value(&found, "service.name"), expected);
        }
        assert!(value(&of(&[], &[]), "service.name").starts_with("unknown_service:mona"));
    }

    #[test]
    fn the_environment_adds_and_overrides_nothing() {
        let listed = "host.name=other,service.instance.id=x,telemetry.sdk.name=y,k8s.pod.name=p";
        let found = of(&[], &[("OTEL_RESOURCE_ATTRIBUTES", listed)]);
        assert_eq!(value(&found, "service.instance.id"), "an-instance");
        assert_eq!(value(&found, "telemetry.sdk.name"), "libmona");
        assert_eq!(value(&found, "k8s.pod.name"), "p");
        assert_ne!(value(&found, "host.name"), "other");
    }
}
