//! Days and instants as Odoo writes them, and the tokens it draws.

use crate::Rng;

/// A version 4 UUID, the shape of a portal token.
pub fn uuid(rng: &Rng) -> String {
    let (a, b) = (rng.draw(), rng.draw());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        ((b >> 48) & 0x3fff) | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

/// `YYYY-MM-DD` of milliseconds since 1970 UTC.
pub fn date(ms: i64) -> String {
    let days = ms.div_euclid(86_400_000);
    // Howard Hinnant's civil_from_days: eras of 400 years, years starting in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// So many days after a day; empty when the text is no day.
pub fn after(day: &str, days: i64) -> String {
    let mut parts = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let mut next = || parts.next().flatten();
    let found = (|| quittance::date::days(next()?, next()?, next()?))();
    found.map_or_else(String::new, |first| date((first + days) * 86_400_000))
}

/// Seconds since 1970 of `YYYY-MM-DD HH:MM:SS`; `None` when the text is no instant.
pub fn seconds(text: &str) -> Option<i64> {
    let numbers = || text.split(['-', ' ', ':']).map(|part| part.parse::<i64>().ok());
    let part = |at: usize| numbers().nth(at).flatten();
    let day = quittance::date::days(part(0)?, part(1)?, part(2)?)?;
    Some(((day * 24 + part(3)?) * 60 + part(4)?) * 60 + part(5)?)
}

/// `YYYY-MM-DD HH:MM:SS`, naive UTC as Odoo writes it.
pub fn datetime(ms: i64) -> String {
    let s = ms.div_euclid(1000).rem_euclid(86_400);
    format!("{} {:02}:{:02}:{:02}", date(ms), s / 3600, s / 60 % 60, s % 60)
}
