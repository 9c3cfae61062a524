//! The options in force as typed values, one field for each row of the table.
//!
//! Made by `source.rs` from checked values, so every number here lies within its bounds. The rest of the
//! crate reads this and never the table. Secrets are wrapped so that printing settings shows none.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::in_force::InForce;
#[cfg(feature = "http")]
use crate::config::otel_variables::OtelVariables;
#[cfg(feature = "http")]
use crate::config::proxy_variables::ProxyVariables;
use crate::config::secret::Secret;
use crate::config::value::{self, OptionValue};
use crate::diag::log::Print;
use crate::sys::clock::Precision;

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $default:ident = $default_word:literal: $default_doc:literal,
        $($variant:ident = $word:literal: $variant_doc:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub(crate) enum $name {
            #[doc = $default_doc]
            #[default]
            $default,
            $(#[doc = $variant_doc] $variant),+
        }

        impl $name {
            fn from_word(word: &str) -> $name {
                match word {
                    $($word => $name::$variant,)+
                    _ => $name::$default,
                }
            }
        }
    };
}

choices! {
    /// Whether host and port are reached over TLS.
    UseSsl {
        Auto = "auto": "On unless the host is a loopback address.",
        On = "true": "Always.",
        Off = "false": "Never.",
    }
}

choices! {
    /// Whether a Forward collector is to acknowledge each chunk.
    Ack {
        On = "true": "Always.",
        Off = "false": "Never.",
        Auto = "auto": "Until a collector has shown that it does not.",
    }
}

choices! {
    /// Which of several addresses a client goes to.
    Balance {
        Sticky = "sticky": "The same one as long as it can.",
        Spread = "spread": "Another one with each connection.",
    }
}

choices! {
    /// What is posted to an HTTP endpoint.
    HttpFormat {
        Records = "records": "A JSON array of records.",
        Lines = "lines": "A JSON record a line.",
        Mona = "mona": "The Mona REST export API.",
    }
}

choices! {
    /// How OTLP is written.
    OtlpEncoding {
        Protobuf = "protobuf": "As protobuf.",
        Json = "json": "In its JSON form.",
    }
}

choices! {
    /// How a token for the REST export API is obtained.
    AuthMode {
        Mona = "mona": "A login with key and secret.",
        Oidc = "oidc": "OpenID Connect client credentials.",
        None = "none": "No token is sent.",
    }
}

choices! {
    /// How chunks are compressed.
    Compress {
        None = "none": "Not at all.",
        Gzip = "gzip": "One gzip member for each chunk.",
    }
}

choices! {
    /// What becomes of NaN and infinities.
    NonFinite {
        Null = "null": "Nil, which every collector takes.",
        Ieee = "ieee": "A float 64, where the wire has one.",
    }
}

choices! {
    /// When the spool is synced to the disk.
    SpoolSync {
        Interval = "interval": "Once a second.",
        None = "none": "When the system sees fit.",
        Chunk = "chunk": "After every chunk.",
    }
}

/// The settings that follow the config file while the client runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LiveSettings {
    /// `set()` switched everything off.
    pub disable_option: bool,
    /// The environment switched everything off when the client was made.
    pub disable_environment: bool,
    /// The config file switched everything off.
    pub disable_file: bool,
    /// The least level that is logged.
    pub log_level: i32,
    /// Where log lines are printed.
    pub print_logs: Print,
    /// The share of contexts kept, 0 to 1.
    pub sample_rate: f64,
    /// Shares by ARC class: the text of a JSON object of numbers from 0 to 1.
    pub sample_rates: String,
    /// Comma-separated patterns of fields to remove.
    pub drop_fields: String,
    /// Comma-separated patterns of fields to hash.
    pub hash_fields: String,
    /// Null fields are removed.
    pub drop_null_fields: bool,
}

/// Everything a client needs to know, fixed when it is made but for `live`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // Each field is the option of its name; the table has the paragraph about it.
pub(crate) struct Settings {
    pub user_id: String,
    pub host: String,
    pub port: u16,
    pub use_ssl: UseSsl,
    pub endpoint: Option<String>,
    pub balance: Balance,
    pub http_format: HttpFormat,
    pub otlp_encoding: OtlpEncoding,
    pub service_name: Option<String>,
    pub ca_file: Option<PathBuf>,
    pub tls_server_name: Option<String>,
    pub client_cert_file: Option<PathBuf>,
    pub client_key_file: Option<PathBuf>,
    pub shared_key: Secret,
    pub username: Secret,
    pub password: Secret,
    pub api_key: Secret,
    pub api_secret: Secret,
    pub auth_mode: AuthMode,
    pub auth_url: Option<String>,
    pub refresh_url: Option<String>,
    pub oidc_scope: Option<String>,
    /// The lines of `http_header`, split into name and value.
    pub http_headers: Vec<(String, Secret)>,
    pub ack: Ack,
    pub compress: Compress,
    pub queue_size: usize,
    pub queue_bytes: usize,
    pub queue_circular: bool,
    pub block_timeout: Duration,
    pub blocking: bool,
    pub flush_interval: Duration,
    pub chunk_bytes: usize,
    pub max_event_bytes: usize,
    pub max_depth: usize,
    pub nonfinite: NonFinite,
    pub connect_timeout: Duration,
    pub io_timeout: Duration,
    pub ack_timeout: Duration,
    pub retry_initial: Duration,
    pub retry_max: Duration,
    pub exit_flush: Duration,
    pub spool_dir: Option<PathBuf>,
    pub spool_bytes: u64,
    pub spool_sync: SpoolSync,
    pub config_file: Option<PathBuf>,
    pub hash_salt: Secret,
    pub event_id: bool,
    pub arc_id: bool,
    /// `None`: by the endpoints.
    pub time_precision: Option<Precision>,
    /// Those of the environment.
    #[cfg(feature = "http")]
    pub proxy_variables: ProxyVariables,
    /// The same.
    #[cfg(feature = "http")]
    pub otel_variables: OtelVariables,
    pub live: LiveSettings,
}

/// Who presses the Big Red Button.
#[derive(Debug, Clone, Copy)]
pub(super) struct Button {
    pub(super) by_option: bool,
    pub(super) by_environment: bool,
    pub(super) by_file: bool,
}

/// The values in force, looked up by name.
pub(super) struct Values<'a>(pub(super) &'a [InForce]);

impl Values<'_> {
    fn get(&self, name: &str) -> Option<&OptionValue> {
        let found = self.0.iter().find(|in_force| in_force.row.name == name);
        debug_assert!(found.is_some(), "no option is called {name}");
        found.map(|in_force| &in_force.value)
    }

    fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(OptionValue::Text(text)) => text,
            _ => "",
        }
    }

    fn owned(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    fn unless_empty(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.unless_empty(name).map(PathBuf::from)
    }

    fn secret(&self, name: &str) -> Secret {
        Secret::new(self.owned(name))
    }

    fn bool(&self, name: &str) -> bool {
        matches!(self.get(name), Some(OptionValue::Bool(true)))
    }

    fn rate(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(OptionValue::Rate(rate)) => *rate,
            _ => 1.0,
        }
    }

    fn number(&self, name: &str) -> u64 {
        match self.get(name) {
            Some(OptionValue::Integer(number)) => *number,
            _ => 0,
        }
    }

    fn size(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or(usize::MAX)
    }

    fn milliseconds(&self, name: &str) -> Duration {
        Duration::from_millis(self.number(name))
    }

    fn headers(&self, name: &str) -> Vec<(String, Secret)> {
        let headers = value::headers(self.text(name)).unwrap_or_default();
        headers.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value.to_owned()))).collect()
    }

    pub(super) fn live(&self, button: Button) -> LiveSettings {
        LiveSettings {
            disable_option: button.by_option,
            disable_environment: button.by_environment,
            disable_file: button.by_file,
            log_level: i32::try_from(self.number("log_level")).unwrap_or(i32::MAX),
            print_logs: match self.text("print_logs") {
                "true" => Print::On,
                "stderr" => Print::Stderr,
                _ => Print::Off,
            },
            sample_rate: self.rate("sample_rate"),
            sample_rates: self.owned("sample_rates"),
            drop_fields: self.owned("drop_fields"),
            hash_fields: self.owned("hash_fields"),
            drop_null_fields: self.bool("drop_null_fields"),
        }
    }

    pub(super) fn settings(&self, live: LiveSettings) -> Settings {
        Settings {
            user_id: self.owned("user_id"),
            host: self.owned("host"),
            port: u16::try_from(self.number("port")).unwrap_or(u16::MAX),
            use_ssl: UseSsl::from_word(self.text("use_ssl")),
            endpoint: self.unless_empty("endpoint"),
            balance: Balance::from_word(self.text("balance")),
            http_format: HttpFormat::from_word(self.text("http_format")),
            otlp_encoding: OtlpEncoding::from_word(self.text("otlp_encoding")),
            service_name: self.unless_empty("service_name"),
            ca_file: self.path("ca_file"),
            tls_server_name: self.unless_empty("tls_server_name"),
            client_cert_file: self.path("client_cert_file"),
            client_key_file: self.path("client_key_file"),
            shared_key: self.secret("shared_key"),
            username: self.secret("username"),
            password: self.secret("password"),
            api_key: self.secret("api_key"),
            api_secret: self.secret("api_secret"),
            auth_mode: AuthMode::from_word(self.text("auth_mode")),
            auth_url: self.unless_empty("auth_url"),
            refresh_url: self.unless_empty("refresh_url"),
            oidc_scope: self.unless_empty("oidc_scope"),
            http_headers: self.headers("http_header"),
            ack: Ack::from_word(self.text("ack")),
            compress: Compress::from_word(self.text("compress")),
            queue_size: self.size("queue_size"),
            queue_bytes: self.size("queue_bytes"),
            queue_circular: self.bool("queue_circular"),
            block_timeout: self.milliseconds("block_timeout_ms"),
            blocking: self.bool("blocking"),
            flush_interval: self.milliseconds("flush_interval_ms"),
            chunk_bytes: self.size("chunk_bytes"),
            max_event_bytes: self.size("max_event_bytes"),
            max_depth: self.size("max_depth"),
            nonfinite: NonFinite::from_word(self.text("nonfinite")),
            connect_timeout: self.milliseconds("connect_timeout_ms"),
            io_timeout: self.milliseconds("io_timeout_ms"),
            ack_timeout: self.milliseconds("ack_timeout_ms"),
            retry_initial: self.milliseconds("retry_initial_ms"),
            retry_max: self.milliseconds("retry_max_ms"),
            exit_flush: self.milliseconds("exit_flush_ms"),
            spool_dir: self.path("spool_dir"),
            spool_bytes: self.number("spool_bytes"),
            spool_sync: SpoolSync::from_word(self.text("spool_sync")),
            config_file: self.path("config_file"),
            hash_salt: self.secret("hash_salt"),
            event_id: self.bool("event_id"),
            arc_id: self.bool("arc_id"),
            time_precision: match self.text("time_precision") {
                "s" => Some(Precision::Seconds),
                "ms" => Some(Precision::Milliseconds),
                "ns" => Some(Precision::Nanoseconds),
                _ => None,
            },
            #[cfg(feature = "http")]
            proxy_variables: ProxyVariables::default(),
            #[cfg(feature = "http")]
            otel_variables: OtelVariables::default(),
            live,
        }
    }
}
