//! Scripted answers to requests: a status in place of the right one, for some requests or all.
//!
//! Part of a [`super::step::Step`]; [`super::script::Faults`] counts the requests. A request that is answered so was
//! read and not taken.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use crate::server::conduct::{Instead, RequestKind};

/// Why anything is refused here.
pub(super) const REASON: &str = "as the script says";

/// An answer that says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The status, 100 to 999.
    pub status: u16,
    /// The header of that name.
    pub retry_after: Option<RetryAfter>,
    /// Which of the requests `to` names.
    pub when: When,
    /// Which requests it is for; only these are counted.
    pub to: To,
}

/// Which requests a reply is for, in the order they arrive on all connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Always,
    /// The first n.
    First(u64),
    /// Every nth; none for 0.
    Every(u64),
}

/// Which kind of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Every kind.
    Any,
    /// Those with records.
    Events,
    /// Those that ask for a first token, by log-in or OIDC.
    Login,
    /// Those that refresh a token.
    Refresh,
}

/// The forms of `Retry-After`, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u64),
    /// A date that many seconds from now.
    DateIn(u64),
    /// A date that many seconds ago.
    DateAgo(u64),
    /// `soon`
    Garbage,
    /// `-5`
    Negative,
    /// More seconds than fit 64 bits.
    Huge,
}

impl RetryAfter {
    /// The value of the header.
    pub fn text(self) -> String {
        let date =
            |moment: Option<SystemTime>| httpdate::fmt_http_date(moment.unwrap_or(SystemTime::UNIX_EPOCH));
        let now = SystemTime::now();
        match self {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::DateIn(seconds) => date(now.checked_add(bounded(seconds))),
            RetryAfter::DateAgo(seconds) => date(now.checked_sub(bounded(seconds))),
            RetryAfter::Garbage => "soon".to_owned(),
            RetryAfter::Negative => "-5".to_owned(),
            RetryAfter::Huge => "99999999999999999999".to_owned(),
        }
    }
}

/// A century: what is written as a date has a year of four digits.
fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(100 * 365 * 86_400))
}

impl Reply {
    /// This status, always, to every request.
    pub fn new(status: u16) -> Reply {
        Reply { status, retry_after: None, when: When::Always, to: To::Any }
    }

    /// Only to the first `count`.
    pub fn first(self, count: u64) -> Reply {
        Reply { when: When::First(count), ..self }
    }

    /// Only to every nth.
    pub fn every(self, n: u64) -> Reply {
        Reply { when: When::Every(n), ..self }
    }

    /// With this header.
    pub fn retry_after(self, value: RetryAfter) -> Reply {
        Reply { retry_after: Some(value), ..self }
    }

    /// Only to requests of this kind.
    pub fn to(self, to: To) -> Reply {
        Reply { to, ..self }
    }

    /// Whether requests of this kind are counted for it.
    pub(super) fn counts(&self, kind: RequestKind) -> bool {
        match self.to {
            To::Any => true,
            To::Events => kind == RequestKind::Events,
            To::Login => kind == RequestKind::Login,
            To::Refresh => kind == RequestKind::Refresh,
        }
    }

    /// What the server is to answer.
    pub(super) fn instead(&self) -> Instead {
        let retry_after = self.retry_after.map(RetryAfter::text);
        Instead::Refusal { status: self.status, retry_after, reason: REASON }
    }

    /// Whether it is for the `count`th request, from 1.
    pub(super) fn is_for(self, count: u64) -> bool {
        match self.when {
            When::Always => true,
            When::First(first) => count <= first,
            When::Every(n) => n != 0 && count.is_multiple_of(n),
        }
    }
}

impl FromStr for Reply {
    type Err = String;

    /// `503`, `503:first=3`, `429:every=2:retry-after=5`, `401:to=login`; `retry-after` is a number of
    /// seconds, `date+SECONDS`, `date-SECONDS`, `garbage`, `negative` or `huge`.
    fn from_str(text: &str) -> Result<Reply, String> {
        let mut parts = text.split(':');
        let status = parts.next().unwrap_or_default();
        let status = match status.parse() {
            Ok(status @ 100..=999) => status,
            _ => return Err(format!("status={text}: found \"{status}\", expected a status such as 503")),
        };
        let mut reply = Reply::new(status);
        for part in parts {
            reply = match part.split_once('=') {
                Some(("first", count)) => reply.first(number(text, count, "requests")?),
                Some(("every", count)) => reply.every(number(text, count, "requests")?),
                Some(("retry-after", value)) => reply.retry_after(retry_after(text, value)?),
                Some(("to", "any")) => reply.to(To::Any),
                Some(("to", "events")) => reply.to(To::Events),
                Some(("to", "login")) => reply.to(To::Login),
                Some(("to", "refresh")) => reply.to(To::Refresh),
                _ => {
                    return Err(format!(
                        "status={text}: found \"{part}\", expected first=N, every=N, retry-after=VALUE, \
                         to=any, to=events, to=login or to=refresh"
                    ));
                }
            };
        }
        Ok(reply)
    }
}

/// The number behind a name; the error is about all of `text`.
pub(super) fn number<T: FromStr>(text: &str, value: &str, what: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{text}: found \"{value}\", expected a number of {what}"))
}

/// A time such as `200ms` or `2s`; the error is about all of `text`.
pub(super) fn duration(text: &str, value: &str) -> Result<Duration, String> {
    let (number, unit) = match value.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (value.strip_suffix('s').unwrap_or(value), 1.0),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{text}: found \"{value}\", expected a time such as 200ms or 2s"))
}

fn retry_after(text: &str, value: &str) -> Result<RetryAfter, String> {
    Ok(match value {
        "garbage" => RetryAfter::Garbage,
        "negative" => RetryAfter::Negative,
        "huge" => RetryAfter::Huge,
        _ => match (value.strip_prefix("date+"), value.strip_prefix("date-")) {
            (Some(seconds), _) => RetryAfter::DateIn(number(text, seconds, "seconds")?),
            (_, Some(seconds)) => RetryAfter::DateAgo(number(text, seconds, "seconds")?),
            _ => RetryAfter::Seconds(number(text, value, "seconds")?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_all_of_it() {
        let reply = |text: &str| text.parse::<Reply>();
        assert_eq!(reply("503"), Ok(Reply::new(503)));
        assert_eq!(
            reply("429:first=3:retry-after=date+5:to=events"),
            Ok(Reply::new(429).first(3).retry_after(RetryAfter::DateIn(5)).to(To::Events))
        );
        assert_eq!(reply("500:every=2:retry-after=7").unwrap().retry_after, Some(RetryAfter::Seconds(7)));
        for bad in ["", "20", "1000", "abc", "503:first", "503:first=x", "503:retry-after=-5", "503:to=me"] {
            assert!(reply(bad).unwrap_err().contains("found \""), "{bad}");
        }
    }

    #[test]
    fn each_form_of_retry_after_is_what_it_says() {
        assert_eq!(RetryAfter::Seconds(5).text(), "5");
        assert_eq!(RetryAfter::Negative.text(), "-5");
        assert!(RetryAfter::Huge.text().parse::<u64>().is_err());
        assert!(RetryAfter::Garbage.text().parse::<f64>().is_err());
        let seconds = |value: RetryAfter| {
            let date = httpdate::parse_http_date(&value.text()).unwrap();
            match date.duration_since(SystemTime::now()) {
                Ok(ahead) => ahead.as_secs_f64(),
                Err(behind) => -behind.duration().as_secs_f64(),
            }
        };
        assert!((58.0..=60.0).contains(&seconds(RetryAfter::DateIn(60))));
        assert!((-62.0..=-60.0).contains(&seconds(RetryAfter::DateAgo(60))));
        assert!(seconds(RetryAfter::DateIn(u64::MAX)) > 1e9);
    }

    #[test]
    fn who_is_answered_so() {
        let hit = |reply: Reply| (1..=4).map(|count| reply.is_for(count)).collect::<Vec<_>>();
        assert_eq!(hit(Reply::new(503)), [true; 4]);
        assert_eq!(hit(Reply::new(503).first(2)), [true, true, false, false]);
        assert_eq!(hit(Reply::new(503).every(2)), [false, true, false, true]);
        assert_eq!(hit(Reply::new(503).every(0)), [false; 4]);
    }
}
