//! Days and seconds, without a clock: UTC only.

/// The end of the year 9999, in seconds: beyond it stands no time, and far beyond it D1 loses digits.
pub const LAST: i64 = 253_402_300_799;

/// Days from 1970-01-01 to a date of the Gregorian calendar; `None` for a month or day that does not exist.
pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day last (Howard Hinnant's civil calendar algorithm).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = era * 146_097 + of_era - 719_468;
    (date(days * 86_400) == (if month <= 2 { year + 1 } else { year }, month, day)).then_some(days)
}

/// Year, month and day in UTC of an instant in seconds.
pub fn date(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-11-21` in UTC.
pub fn iso(seconds: i64) -> String {
    let (year, month, day) = date(seconds);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-21 20:40:00` in UTC.
pub fn instant(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}", iso(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates_and_every_day_of_two_centuries() {
        assert_eq!(iso(0), "1970-01-01");
        assert_eq!(iso(1_795_287_600), "2026-11-21");
        assert_eq!((instant(1_795_287_601), instant(-1)), ("2026-11-21 19:00:01".into(), "1969-12-31 23:59:59".into()));
        assert_eq!(days(2024, 2, 29), Some(19_782));
        assert_eq!(days(2026, 2, 29), None);
        assert_eq!(days(2026, 13, 1), None);
        for day in -36_524..36_525 {
            let (y, m, d) = date(day * 86_400 + 86_399);
            assert_eq!(days(y, m, d), Some(day));
        }
    }
}
