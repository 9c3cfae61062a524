//! The `Retry-After` header: how long a server asks to be left alone.

use std::time::{Duration, SystemTime};

/// Longest wait that is granted: a server that asks for more is asked again after an hour.
const MOST: Duration = Duration::from_secs(3600);

/// The wait for a header that holds seconds or a date in one of the three forms of HTTP. `None` for
/// anything else, and for times that have come already: the backoff decides then.
pub(super) fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are more than an hour as well.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(value).ok()?.duration_since(now).ok()?
    };
    (!asked.is_zero()).then(|| asked.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 60);
        for (value, seconds) in [
            ("1", Some(1)),
            (" 120 ", Some(120)),
            ("3601", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(60)),
            ("Sun Nov  6 08:49:37 1994", Some(60)),
            ("Sat, 06 Nov 2094 08:49:37 GMT", Some(3600)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None),
            ("Sun, 06 Nov 1984 08:49:37 GMT", None),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("+7", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(wait(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
