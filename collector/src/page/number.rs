//! Numbers and times as a person reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maud::{Markup, html};
use time::{Date, Month, OffsetDateTime, Time};

/// A number of things: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many ARCs, in words.
pub(crate) fn arcs(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "ARC" } else { "ARCs" })
}

/// A value with four digits that count, or all before the point: `0.0123`, `12.35`, `1,234,567`.
pub(crate) fn value(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return "–".to_owned();
    }
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{number:.3e}");
    }
    // Whole numbers stay whole.
    let places = match size {
        _ if number.fract() == 0.0 => 0,
        0.0..1.0 => 3 - (size.log10().floor() as i32),
        1.0..10.0 => 3,
        10.0..100.0 => 2,
        100.0..1000.0 => 1,
        _ => 0,
    };
    let text = format!("{size:.*}", usize::try_from(places).unwrap_or(0));
    let (whole, part) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut out = if number < 0.0 { "−".to_owned() } else { String::new() };
    out.push_str(&whole.parse().map_or(whole.to_owned(), count));
    if let Some(part) = part {
        out.push('.');
        out.push_str(part);
    }
    out
}

/// A share of a whole: `12.3 %`.
pub(crate) fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "–".to_owned(),
        whole => format!("{:.1} %", part as f64 / whole as f64 * 100.0),
    }
}

/// A size: `1.5 MB`.
pub(crate) fn bytes(number: u64) -> String {
    let mut size = number as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size < 1000.0 {
            return if unit == "bytes" { format!("{number} bytes") } else { format!("{size:.1} {unit}") };
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}

/// How long something took or is ago, in seconds: `340 ms`, `12.5 s`, `3 min`, `2 h`, `4 days`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        ..0.0005 => "0 s".to_owned(),
        0.0005..1.0 => format!("{:.0} ms", seconds * 1e3),
        1.0..100.0 => format!("{seconds:.1} s"),
        100.0..7_200.0 => format!("{:.0} min", seconds / 60.0),
        7_200.0..172_800.0 => format!("{:.0} h", seconds / 3_600.0),
        _ => format!("{:.0} days", seconds / 86_400.0),
    }
}

/// Now, in Unix seconds.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

/// A time in Unix seconds as `2026-11-29 12:05:09.250`, in UTC; whole seconds without their thousandths.
pub(crate) fn time(seconds: f64) -> String {
    // The largest times lie within years of four digits; the conversion keeps to its bounds.
    let millis = (seconds * 1e3).round() as i64;
    let Ok(time) = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000)) else {
        return format!("{seconds} s");
    };
    let (date, month) = (time.date(), u8::from(time.month()));
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let text = format!("{:04}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", date.year(), date.day());
    match millis.rem_euclid(1_000) {
        0 => text,
        millis => format!("{text}.{millis:03}"),
    }
}

/// The same for a machine: `2026-11-29T12:05:09.250Z`.
pub(crate) fn stamp(seconds: f64) -> String {
    time(seconds).replacen(' ', "T", 1) + "Z"
}

/// A time that a person typed or a link carries: `2026-11-29 12:05`, `2026-11-29T12:05:09.25Z`, `2026-11-29`, or
/// Unix seconds.
pub(crate) fn parse_time(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['Z', 'z']);
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds.is_finite().then_some(seconds);
    }
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = day.splitn(3, '-');
    let mut part = || parts.next();
    let (year, month, day) = (part()?.parse().ok()?, part()?.parse::<u8>().ok()?, part()?.parse().ok()?);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let mut parts = clock.splitn(3, ':');
    let mut part = || parts.next();
    let (hour, minute) = (part()?.parse().ok()?, part()?.parse().ok()?);
    let seconds: f64 = part().unwrap_or("0").parse().ok().filter(|seconds| (0.0..60.0).contains(seconds))?;
    let time = Time::from_hms(hour, minute, 0).ok()?;
    Some(date.with_time(time).assume_utc().unix_timestamp() as f64 + seconds)
}

/// A time that a browser can tell in its own zone; shown in UTC, the day left out where it is today.
pub(crate) fn moment(seconds: f64) -> Markup {
    let text = time(seconds);
    let today = time(now());
    let short = match (text.split_once(' '), today.split_once(' ')) {
        (Some((day, clock)), Some((same, _))) if day == same => clock.to_owned(),
        _ => text.clone(),
    };
    html! { time datetime=(stamp(seconds)) title={ (text) " UTC" } { (short) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 12, 1234, 1_234_567].map(count), ["0", "12", "1,234", "1,234,567"]);
        let values = [0.0, 0.01234, 0.5, 12.3456, 1234.56, 1e-9, 3.0, 1e20, f64::NAN, -2.5];
        let texts = ["0", "0.01234", "0.5000", "12.35", "1,235", "1.000e-9", "3", "1.000e20", "–", "−2.500"];
        assert_eq!(values.map(value), texts);
        assert_eq!([999, 1500, 2_500_000].map(bytes), ["999 bytes", "1.5 kB", "2.5 MB"]);
        assert_eq!(
            [0.0, 0.34, 12.5, 600.0, 1e6].map(duration),
            ["0 s", "340 ms", "12.5 s", "10 min", "12 days"]
        );
        assert_eq!((share(1, 8), share(1, 0)), ("12.5 %".to_owned(), "–".to_owned()));
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(1_552_903_200.123_4), "2019-03-18 10:00:00.123");
        assert_eq!([stamp(-0.001), stamp(0.0)], ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"]);
        assert_eq!(time(f64::MAX), format!("{} s", f64::MAX));
    }

    #[test]
    fn times_are_typed_in_several_ways() {
        for text in ["2019-03-18 10:00", "2019-03-18T10:00:00Z", "1552903200", " 2019-03-18T10:00:00.000 "] {
            assert_eq!(parse_time(text), Some(1_552_903_200.0), "{text}");
        }
        assert_eq!(parse_time("2019-03-18"), Some(1_552_867_200.0));
        for text in ["", "noon", "2019-13-01", "2019-03-18 25:00", "2019-03-18 10:00:61", "nan", "1-1"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
