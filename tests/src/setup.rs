//! Against which server a test runs, and with which options: the same test once for each.
//!
//! A test that takes a [`Setup`] is listed in [`against_each`](crate::against_each), which makes a test of each
//! name for every server that the collector can be like, and one, `defaults`, with the options that users have.
//! Where a server legitimately behaves otherwise, the test asks the setup and says why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::sync::Arc;

use mona_collector::{FluentBit, Fluentd, Likeness, OpenTelemetry, Plain, Service};

use crate::ledger::QUICK;
use crate::native::Client;
use crate::reach::Trust;

/// A server that the collector can be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// A correct one.
    Plain,
    /// Fluent Bit 5.1.
    FluentBit,
    /// Fluentd 1.18.
    Fluentd,
    /// The receiver `fluent_forward` of the OpenTelemetry Collector: no TLS, no key, no HTTP.
    OpenTelemetry,
}

/// A way into a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the schemes of endpoints")]
pub enum Way {
    Tcp,
    Tls,
    Http,
    Https,
}

/// Against whom, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// The server.
    pub like: Like,
    /// Whether [`Setup::service_in_clear`] is HTTP; otherwise it is Forward.
    pub over_http: bool,
    /// Whether what is posted is OTLP; otherwise it is records.
    pub is_otlp: bool,
    /// Whether faults are got over with the times that users have, and not with those of [`QUICK`].
    pub has_defaults: bool,
}

/// Options about time. A test that shortens them has a twin which leaves them as they are.
const TIMES: [&str; 6] = [
    "flush_interval_ms",
    "retry_initial_ms",
    "retry_max_ms",
    "ack_timeout_ms",
    "connect_timeout_ms",
    "io_timeout_ms",
];

impl Setup {
    /// A correct collector, quick options.
    pub const PLAIN: Setup = Setup::over_forward(Like::Plain, false);
    /// The same for Fluent Bit.
    pub const FLUENT_BIT: Setup = Setup::over_forward(Like::FluentBit, false);
    /// The same for Fluentd.
    pub const FLUENTD: Setup = Setup::over_forward(Like::Fluentd, false);
    /// The same for the OpenTelemetry Collector.
    pub const OTEL: Setup = Setup::over_forward(Like::OpenTelemetry, false);
    /// A correct collector, the options that users have.
    pub const DEFAULTS: Setup = Setup::over_forward(Like::Plain, true);

    /// A correct collector over HTTP, the options that users have.
    pub const DEFAULTS_HTTP: Setup = Setup { over_http: true, ..Setup::DEFAULTS };
    /// Fluent Bit over HTTP, quick options.
    pub const FLUENT_BIT_HTTP: Setup = Setup { over_http: true, ..Setup::FLUENT_BIT };
    /// Fluentd over HTTP, quick options.
    pub const FLUENTD_HTTP: Setup = Setup { over_http: true, ..Setup::FLUENTD };

    /// A correct collector of OTLP, quick options.
    pub const OTLP: Setup = Setup { over_http: true, is_otlp: true, ..Setup::PLAIN };
    /// The same, the options that users have.
    pub const DEFAULTS_OTLP: Setup = Setup { has_defaults: true, ..Setup::OTLP };

    const fn over_forward(like: Like, has_defaults: bool) -> Setup {
        Setup { like, over_http: false, is_otlp: false, has_defaults }
    }

    /// Forward or HTTP, in clear text.
    pub fn service_in_clear(self) -> Service {
        if self.over_http { self.http() } else { self.forward() }
    }

    /// A server of its own, with nothing in it.
    fn likeness(self) -> Arc<dyn Likeness> {
        match self.like {
            Like::Plain => Arc::new(Plain),
            Like::FluentBit => Arc::new(FluentBit::new()),
            Like::Fluentd => Arc::new(Fluentd::new()),
            Like::OpenTelemetry => Arc::new(OpenTelemetry::new()),
        }
    }

    /// Forward in clear text.
    pub fn forward(self) -> Service {
        Service::forward().like(self.likeness())
    }

    /// HTTP in clear text.
    pub fn http(self) -> Service {
        let service = if self.is_otlp { Service::otlp() } else { Service::http() };
        service.like(self.likeness())
    }

    /// Whether it has TLS and HTTP besides Forward in clear text.
    pub fn has_all_ways_in(self) -> bool {
        self.like != Like::OpenTelemetry
    }

    /// Whether it takes and answers one chunk after the other, from all connections together.
    pub fn is_one_by_one(self) -> bool {
        self.like == Like::OpenTelemetry
    }

    /// Those of these ways in that it has.
    pub fn ways(self, of: &[Way]) -> Vec<Way> {
        of.iter().copied().filter(|way| self.has_all_ways_in() || *way == Way::Tcp).collect()
    }

    /// A server with this way in; where it has no such way, a correct collector.
    pub fn service(self, way: Way, trust: &Trust) -> Service {
        let setup = if self.ways(&[way]).is_empty() { Setup::PLAIN } else { self };
        match way {
            Way::Tcp => setup.forward(),
            Way::Tls => setup.forward().tls(trust.tls()),
            Way::Http => setup.http(),
            Way::Https => setup.http().tls(trust.tls()),
        }
    }

    /// A client for this endpoint whose duplicates can be told, with some more options. Those about time count
    /// only where the setup is quick.
    ///
    /// # Panics
    /// When an option is refused.
    pub fn client(self, endpoint: &str, more: &[(&str, &str)]) -> Client {
        crate::native::load_release();
        let mut options = vec![("endpoint", endpoint)];
        let kept = |(name, _): &&(&str, &str)| !self.has_defaults || !TIMES.contains(name);
        options.extend(QUICK.iter().chain(more).filter(kept).copied());
        Client::new(&options)
            .unwrap_or_else(|status| panic!("{options:?}: status {status}, {}", crate::native::last_error()))
    }

    /// Long enough for a loaded machine: a flush returns as soon as it can. Behind a missing acknowledgement and
    /// a backoff that grew it takes as long as these last.
    pub fn flush_ms(self) -> u32 {
        if self.has_defaults { 150_000 } else { 120_000 }
    }
}

/// Makes modules of tests that each hand a setup to functions of the same names.
#[macro_export]
macro_rules! against {
    (@one $module:ident $setup:ident [$($test:ident),* $(,)?]) => {
        mod $module {
            use $crate::setup::Setup;
            $(
                #[test]
                fn $test() {
                    super::$test(Setup::$setup);
                }
            )*
        }
    };
    ($($module:ident = $setup:ident),+ : $tests:tt) => {
        $($crate::against!(@one $module $setup $tests);)+
    };
}

/// Makes tests of these functions against every server, and one with the options that users have.
#[macro_export]
macro_rules! against_each {
    ($($test:ident),* $(,)?) => {
        $crate::against!(
            plain = PLAIN, fluent_bit = FLUENT_BIT, fluentd = FLUENTD, otel = OTEL, defaults = DEFAULTS:
            [$($test),*]
        );
    };
}
