//! Stretches of time in an address and in words.

use time::{Date, Month, Time, UtcDateTime};

use crate::page::ask::Ask;
use crate::page::number;
use crate::page::trouble::Trouble;

/// Microseconds, as the page counts time, of seconds, as the store does.
pub(crate) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// A time as forms and links write it: `2026-11-29T12:05:09.250`, in UTC, and nothing that rounds it up.
pub(crate) fn written(seconds: f64) -> String {
    number::stamp(micros(seconds)).trim_end_matches('Z').to_owned()
}

/// The time of this name in the address, in Unix seconds.
pub(crate) fn time_of(ask: &Ask, name: &str) -> Result<Option<f64>, Trouble> {
    let Some(text) = ask.get(name) else { return Ok(None) };
    let wrong = || {
        let text: String = text.chars().take(40).collect();
        Trouble::wrong(format!("{name}: expected a time such as 2026-11-29T12:05 (UTC), found {text:?}"))
    };
    seconds(text).map(Some).ok_or_else(wrong)
}

/// Reads a time: as [`written`], shorter, with a blank or a `Z`, or Unix seconds.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds).filter(|seconds| seconds.abs() < 1e11);
    }
    let text = text.trim().trim_end_matches('Z');
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = day.splitn(3, '-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()?;
    let mut parts = clock.splitn(3, ':');
    let hour: u8 = parts.next()?.parse().ok()?;
    let minute: u8 = parts.next().unwrap_or("0").parse().ok()?;
    let second: f64 = parts.next().unwrap_or("0").parse().ok()?;
    let minutes = UtcDateTime::new(date, Time::from_hms(hour, minute, 0).ok()?).unix_timestamp();
    (0.0..60.0).contains(&second).then_some(minutes as f64 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for time in [0.0, 1_552_903_200.25, 1_795_953_909.999] {
            assert_eq!(seconds(&written(time)), Some(time), "{}", written(time));
        }
        assert_eq!(seconds("2019-03-18 10:00"), Some(1_552_903_200.0));
        assert_eq!(seconds("2019-03-18T10:00:00.5Z"), Some(1_552_903_200.5));
        assert_eq!(seconds("2019-03-18"), Some(1_552_867_200.0));
        for wrong in ["", "x", "2019-13-01", "2019-02-30T10:00", "2019-03-18T10:00:61", "1e300", "NaN"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
