//! Days of instants, by the zone of a company. Odoo makes them itself for every booking; here they are made for the
//! opening entries and for what is told.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whether it is the IANA name of a zone.
pub fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// `YYYY-MM-DD` of an instant (seconds since 1970 UTC) in a zone; `None` for a name that is none.
pub fn day(instant: i64, zone: &str) -> Option<String> {
    let zone = TimeZone::get(zone).ok()?;
    Some(Timestamp::from_second(instant).ok()?.to_zoned(zone).strftime("%Y-%m-%d").to_string())
}

/// Seconds since 1970 UTC of `2026-11-01T00:00:00Z`, or with an offset in the place of the Z.
pub fn instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// `YYYY-MM-DD HH:MM:SS UTC`.
pub fn utc(instant: i64) -> String {
    Timestamp::from_second(instant)
        .map_or_else(|_| instant.to_string(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_zones() {
        // 2026-11-20 23:30:00 UTC
        let instant = 1_795_217_400;
        assert_eq!(utc(instant), "2026-11-20 23:30:00 UTC");
        for (zone, want) in [("UTC", "2026-11-20"), ("Europe/Paris", "2026-11-21"), ("America/New_York", "2026-11-20")]
        {
            assert_eq!(day(instant, zone).as_deref(), Some(want), "{zone}");
        }
        assert_eq!(day(instant, "Europe/Atlantis"), None);
        assert_eq!(super::instant("2026-11-21T00:30:00+01:00"), Some(instant));
        assert_eq!(super::instant("2026-11-21"), None, "the day does not say where it begins");
    }
}
