//! The text behind `--like`: a server, and its settings behind colons.

use std::sync::Arc;

use super::fluent_bit::FluentBit;
use super::fluentd::Fluentd;
use super::opentelemetry::OpenTelemetry;
use super::victorialogs::VictoriaLogs;
use crate::server::likeness::{Likeness, Plain};

/// The server of this name, such as `fluent-bit` or `fluent-bit:buffer-max-size=128k:helo-delay=600ms`.
///
/// # Errors
///
/// When there is no such server or setting, in a sentence that names those there are.
pub fn likeness(text: &str) -> Result<Arc<dyn Likeness>, String> {
    let (name, settings) = text.split_once(':').unwrap_or((text, ""));
    match name {
        "plain" if settings.is_empty() => Ok(Arc::new(Plain)),
        "fluent-bit" => Ok(Arc::new(settings.parse::<FluentBit>()?)),
        "fluentd" => Ok(Arc::new(settings.parse::<Fluentd>()?)),
        "otel" => Ok(Arc::new(settings.parse::<OpenTelemetry>()?)),
        "victorialogs" if settings.is_empty() => Ok(Arc::new(VictoriaLogs)),
        _ => Err(format!(
            "{text}: found no known server, expected plain, fluent-bit, fluentd, otel or victorialogs"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_has_a_name() {
        for (text, name) in [
            ("plain", "Plain"),
            ("fluent-bit", "FluentBit"),
            ("fluent-bit:tls-delay=1s:helo-delay=1s", "FluentBit"),
            ("fluentd:output=msgpack", "Fluentd"),
            ("otel:connections=2", "OpenTelemetry"),
            ("victorialogs", "VictoriaLogs"),
        ] {
            assert!(format!("{:?}", likeness(text).unwrap()).starts_with(name), "{text}");
        }
        for text in ["", "plain:a=1", "fluent-bat", "otel:connections=x", "victorialogs:a=1"] {
            assert!(likeness(text).unwrap_err().contains("expected"), "{text}");
        }
    }
}
