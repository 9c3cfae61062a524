//! The handle of a client, and what there is to say when one is made.

use std::sync::Arc;

use super::inner::Inner;
use crate::config::{self, Options};
use crate::diag::error::{Error, Result};
use crate::diag::log::Log;
#[cfg(feature = "http")]
use crate::net::proxies::Proxies;
use crate::sys::{environment, float_mode, fork};

/// A way to one collector.
///
/// Clones are handles of the same client. A client that is not closed is closed with a time-out of one
/// second when its last handle and its last context are gone.
///
/// ```
/// # use mona::{Client, Options, Timestamp};
/// # use std::time::Duration;
/// # fn main() -> Result<(), mona::error::Error> {
/// let mut options = Options::new();
/// options.set("endpoint", "memory:")?;
/// options.set("drop_fields", "password, secret_*")?;
/// let wrong = options.set("queue_size", "many").unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     r#"option "queue_size": "many", a whole number from 1 to 10000000 is expected"#
/// );
///
/// let client = Client::new(Some(&options))?;
/// let run = client.context(None, Some("run-1"), Timestamp::Now)?;
/// run.export_json(br#"{"confidence": 0.97, "password": "1234"}"#, Timestamp::At(1_700_000_000))?;
/// client.flush(Duration::from_secs(5))?;
/// let record = client.take_with(|record| (true, record.to_owned()))?;
/// assert_eq!(
///     record,
///     concat!(
///         r#"{"user_id":"EMPTY","context":"run-1","message":{"confidence":0.97},"#,
///         r#""export_timestamp":1700000000}"#
///     )
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

/// What there is to say about a client that was made, or was not.
pub(crate) struct News {
    log: Arc<Log>,
    warnings: Vec<String>,
    infos: Vec<String>,
    failure: Option<String>,
}

impl News {
    pub(crate) fn tell(self) {
        self.warnings.into_iter().for_each(|line| self.log.warn_each(|| line));
        self.infos.into_iter().for_each(|line| self.log.info(|| line));
        if let Some(failure) = self.failure {
            self.log.error("client", || failure);
        }
    }
}

impl Client {
    /// Makes a client without a word; the caller tells the news when it holds no lock.
    pub(crate) fn make(options: Option<&Options>) -> (Result<Client>, News) {
        Error::prepare();
        // Rates in options and files are read as anywhere else.
        float_mode::in_default(|| Client::make_in_default_mode(options))
    }

    fn make_in_default_mode(options: Option<&Options>) -> (Result<Client>, News) {
        fork::install();
        let unset = Options::new();
        let resolved = config::resolve(options.unwrap_or(&unset), environment::variable);
        let live = &resolved.settings.live;
        let log = Arc::new(Log::new(live.log_level, resolved.is_set("log_level"), live.print_logs));
        let (mut warnings, mut infos) = (resolved.warnings.clone(), resolved.infos.clone());
        if environment::is_foreign() {
            infos.push(
                "environment: this is a set-user-ID program, only MONA_DISABLE_ALL is read from it"
                    .to_owned(),
            );
        }
        warnings.extend(config::misspelt_variables(environment::our_names));
        #[cfg(feature = "http")]
        warnings.extend(Proxies::new(&resolved.settings.proxy_variables).1);
        let made = Inner::make(resolved, Arc::clone(&log)).map(|inner| Client { inner });
        if let Ok(client) = &made {
            warnings.extend(client.inner.contradictions());
            infos.extend(client.inner.live.disabled_line());
        }
        let failure = made.as_ref().err().map(|error| format!("no client was made: {error}"));
        (made, News { log, warnings, infos, failure })
    }
}
