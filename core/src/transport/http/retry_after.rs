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
        date(value)?.duration_since(now).ok()?
    };
    (!asked.is_zero()).then(|| asked.min(MOST))
}

/// The time in `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
fn date(text: &str) -> Option<SystemTime> {
    let mut parts = [""; 8];
    let mut words = text.split([' ', ',', '-', ':']).filter(|word| !word.is_empty());
    parts.iter_mut().zip(&mut words).for_each(|(part, word)| *part = word);
    let [day_of_week, day, month, year, hour, minute, second] = match parts {
        [week, day, month, year, hour, minute, second, "GMT"] => {
            [week, day, month, year, hour, minute, second]
        }
        [week, month, day, hour, minute, second, year, ""] => [week, day, month, year, hour, minute, second],
        _ => return None,
    };
    let is_day =
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().any(|day| day_of_week.starts_with(day));
    if !is_day || words.next().is_some() {
        return None;
    }
    let number = |text: &str, range: std::ops::RangeInclusive<u64>| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_number && range.contains(number))
    };
    let year = match (number(year, 0..=9999)?, year.len()) {
        // Two digits stand for the years from 1970 to 2069.
        (short @ 70.., 2) => 1900 + short,
        (short, 2) => 2000 + short,
        (year @ 1970.., 4) => year,
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let days = days_before(year, month) + number(day, 1..=31)? - 1;
    let seconds = (number(hour, 0..=23)? * 60 + number(minute, 0..=59)?) * 60 + number(second, 0..=60)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 24 * 3600 + seconds))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Days from 1970 to the first of a month, which counts from 0. The year begins with March here, so that a leap day
/// is its last.
fn days_before(year: u64, month: u64) -> u64 {
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    // Five months from March on have 153 days, and so have the next five.
    let in_year = (153 * month + 2) / 5;
    365 * year + year / 4 - year / 100 + year / 400 + in_year - FROM_YEAR_ZERO
}

/// Days from the first of March of the year 0 to 1970.
const FROM_YEAR_ZERO: u64 = 719_468;

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

    #[test]
    fn dates_are_those_of_everybody_else() {
        // Steps of eleven days and some, through centuries with a leap day and without.
        for step in 0..14_000_u64 {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(step * 1_000_003);
            assert_eq!(date(&httpdate::fmt_http_date(time)), Some(time));
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT x",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Son, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
