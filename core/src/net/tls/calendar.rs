//! Days and moments in UTC: from the calendar to seconds and back, by Howard Hinnant's `days_from_civil` and
//! `civil_from_days`.

const SECONDS_A_DAY: i64 = 86_400;
/// Days from 0000-03-01, where an era begins, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;
/// Days in four hundred years.
const DAYS_AN_ERA: i64 = 146_097;

/// Seconds since 1970 of a moment. Only the month is used to count; days and hours that no calendar has count on.
pub(super) fn seconds(date: (i64, i64, i64), time: (i64, i64, i64)) -> i64 {
    let (year, month, day) = date;
    let year = year - i64::from(month <= 2);
    let shifted_month = (month + 9).rem_euclid(12);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * DAYS_AN_ERA + day_of_era - DAYS_TO_1970;
    days * SECONDS_A_DAY + time.0 * 3600 + time.1 * 60 + time.2
}

/// The day of a moment, `2026-03-01`.
pub(super) fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(SECONDS_A_DAY) + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(DAYS_AN_ERA), days.rem_euclid(DAYS_AN_ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment, `2026-03-01T12:00:00Z`.
pub(super) fn moment(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(SECONDS_A_DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", date(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (at, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (4_107_542_400, "2100-03-01"),
            (-1, "1969-12-31"),
        ] {
            assert_eq!(date(at), expected);
        }
        assert_eq!(moment(951_782_399), "2000-02-28T23:59:59Z");
    }

    #[test]
    fn what_is_written_is_read_as_the_same_moment() {
        for at in (-2_000_000_000..8_000_000_000_i64).step_by(7_777_777) {
            let text = moment(at);
            let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
            let date = (number(0..4), number(5..7), number(8..10));
            let time = (number(11..13), number(14..16), number(17..19));
            assert_eq!(seconds(date, time), at, "{text}");
        }
    }
}
