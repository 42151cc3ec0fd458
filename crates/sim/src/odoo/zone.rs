//! Which day an instant is in a time zone. Odoo knows all zones; the simulator those that tests need.

use serde_json::json;

use super::{Odoo, calendar};

/// Hours before UTC in winter, and whose rule of summer time holds.
const ZONES: [(&str, i64, Summer); 7] = [
    ("UTC", 0, Summer::None),
    ("Europe/London", 0, Summer::Europe),
    ("Europe/Berlin", 1, Summer::Europe),
    ("Europe/Paris", 1, Summer::Europe),
    ("Pacific/Kiritimati", 14, Summer::None),
    ("Asia/Tokyo", 9, Summer::None),
    ("America/New_York", -5, Summer::America),
];

#[derive(Clone, Copy)]
enum Summer {
    None,
    /// From the last Sunday of March to that of October, 01:00 UTC.
    Europe,
    /// From the second Sunday of March to the first of November, 02:00 local time.
    America,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The day (`YYYY-MM-DD`) of `YYYY-MM-DD HH:MM:SS` in UTC; `None` for a zone that is not known or a text that is no
/// instant.
pub fn day(at: &str, zone: &str) -> Option<String> {
    let (_, hours, summer) = ZONES.iter().find(|(name, ..)| *name == zone)?;
    let seconds = instant(at)?;
    let year: i64 = at.get(..4)?.parse().ok()?;
    let (from, to) = match summer {
        Summer::None => (0, 0),
        Summer::Europe => (sunday(year, 3, 31, true)? + HOUR, sunday(year, 10, 31, true)? + HOUR),
        Summer::America => {
            (sunday(year, 3, 8, false)? + (2 - hours) * HOUR, sunday(year, 11, 1, false)? + (1 - hours) * HOUR)
        }
    };
    let extra = i64::from((from..to).contains(&seconds));
    Some(calendar::date((seconds + (hours + extra) * HOUR) * 1_000))
}

impl Odoo {
    /// The company's days are those of a zone from now on.
    pub fn set_zone(&mut self, company: i64, zone: &str) {
        let key = format!("quittance.zone_{company}");
        match self.store.find("ir.config_parameter", "key", &json!(key)) {
            Some(row) => self.store.set("ir.config_parameter", row, "value", json!(zone)),
            None => drop(self.put("ir.config_parameter", json!({"key": key, "value": zone}))),
        }
        self.store.commit();
    }

    /// The day of an instant, seconds since 1970 UTC, in the company's zone.
    pub fn day_of(&self, company: i64, instant: i64) -> Option<String> {
        let row = self.store.find("ir.config_parameter", "key", &json!(format!("quittance.zone_{company}")));
        let zone = row.map_or("", |row| self.store.text("ir.config_parameter", row, "value"));
        day(&quittance::date::instant(instant), if zone.is_empty() { "UTC" } else { zone })
    }
}

pub fn known(zone: &str) -> bool {
    ZONES.iter().any(|(name, ..)| *name == zone)
}

fn instant(at: &str) -> Option<i64> {
    let (day, time) = at.split_once(' ')?;
    let numbers = |text: &str, mark: char| -> Option<Vec<i64>> { text.split(mark).map(|n| n.parse().ok()).collect() };
    let (date, time) = (numbers(day, '-')?, numbers(time, ':')?);
    let ([year, month, day], [hour, minute, second]) = (date.as_slice(), time.as_slice()) else { return None };
    let (year, month, day) = (*year, *month, *day);
    Some(quittance::date::days(year, month, day)? * DAY + hour * HOUR + minute * 60 + second)
}

/// Midnight UTC of the first Sunday on or after a day, or of the last one up to it.
fn sunday(year: i64, month: i64, day: i64, last: bool) -> Option<i64> {
    let days = quittance::date::days(year, month, day)?;
    // 1970-01-01 was a Thursday.
    let since = (days + 4).rem_euclid(7);
    Some((if last { days - since } else { days + (7 - since) % 7 }) * DAY)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_by_zone_and_summer() {
        for (at, zone, expected) in [
            ("2026-11-20 23:30:00", "UTC", "2026-11-20"),
            ("2026-11-20 23:30:00", "Europe/Berlin", "2026-11-21"),
            ("2026-07-20 21:30:00", "Europe/Berlin", "2026-07-20"),
            ("2026-07-20 22:00:00", "Europe/Berlin", "2026-07-21"),
            ("2026-10-24 22:00:00", "Europe/Berlin", "2026-10-25"),
            ("2026-10-25 22:30:00", "Europe/Berlin", "2026-10-25"),
            ("2026-07-20 03:59:59", "America/New_York", "2026-07-19"),
            ("2026-11-20 04:59:59", "America/New_York", "2026-11-19"),
            ("2026-11-20 15:00:00", "Asia/Tokyo", "2026-11-21"),
        ] {
            assert_eq!(day(at, zone).as_deref(), Some(expected), "{at} {zone}");
        }
        assert_eq!(day("2026-11-20 23:30:00", "Mars/Olympus"), None);
    }
}
