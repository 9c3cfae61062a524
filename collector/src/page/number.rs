//! Numbers and times as a person reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maud::{Markup, html};
use time::OffsetDateTime;

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

/// How long something took or is ago: `340 ms`, `12.5 s`, `3 min`, `2 h`, `4 days`.
pub(crate) fn duration(micros: i64) -> String {
    let seconds = micros.max(0) as f64 / 1e6;
    match seconds {
        0.0..0.001 => format!("{micros} µs"),
        0.001..1.0 => format!("{:.0} ms", seconds * 1e3),
        1.0..100.0 => format!("{seconds:.1} s"),
        100.0..7_200.0 => format!("{:.0} min", seconds / 60.0),
        7_200.0..172_800.0 => format!("{:.0} h", seconds / 3_600.0),
        _ => format!("{:.0} days", seconds / 86_400.0),
    }
}

/// Now, in microseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A time in microseconds since 1970 as `2026-11-29 12:05:09.250`, in UTC.
pub(crate) fn time(micros: i64) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)) else {
        return format!("{micros} µs");
    };
    let millis = micros.rem_euclid(1_000_000) / 1_000;
    let (date, month) = (time.date(), u8::from(time.month()));
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{:04}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}.{millis:03}", date.year(), date.day())
}

/// The same for a machine: `2026-11-29T12:05:09.250Z`.
pub(crate) fn stamp(micros: i64) -> String {
    time(micros).replacen(' ', "T", 1) + "Z"
}

/// A time that a browser can tell in its own zone; shown in UTC, the day left out where it is today.
pub(crate) fn moment(micros: i64) -> Markup {
    let text = time(micros);
    let today = time(now());
    let short = match (text.split_once(' '), today.split_once(' ')) {
        (Some((day, clock)), Some((same, _))) if day == same => clock.to_owned(),
        _ => text.clone(),
    };
    html! { time datetime=(stamp(micros)) title={ (text) " UTC" } { (short) } }
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
            [12, 340_000, 12_500_000, 600_000_000].map(duration),
            ["12 µs", "340 ms", "12.5 s", "10 min"]
        );
        assert_eq!((share(1, 8), share(1, 0)), ("12.5 %".to_owned(), "–".to_owned()));
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(1_552_903_200_123_456), "2019-03-18 10:00:00.123");
        assert_eq!(stamp(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(time(i64::MAX), format!("{} µs", i64::MAX));
    }
}
