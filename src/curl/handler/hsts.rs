//! Hosts that want HTTPS (RFC 6797), and their dates as libcurl writes them.

use std::time::{Duration, SystemTime};

/// A host that wants HTTPS (RFC 6797).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HstsEntry {
    /// Its name, without a dot at the end.
    pub host: String,
    /// Whether its subdomains do too.
    pub include_subdomains: bool,
    /// Until when, to the second; `None` for ever.
    pub expires: Option<SystemTime>,
}

/// Which of the entries that are told one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HstsPlace {
    /// Its number, from 0.
    pub index: usize,
    /// How many there are.
    pub total: usize,
}

impl HstsPlace {
    pub(in crate::curl) fn new(index: usize, total: usize) -> Self {
        Self { index, total }
    }
}

const DAY: u64 = 24 * 60 * 60;

/// `YYYYMMDD HH:MM:SS`, in UTC; the last second of the year 9999 for what is later.
pub(in crate::curl) fn written(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let since = since.min(253_402_300_799);
    let (days, rest) = (since / DAY, since % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The reverse; `None` for `unlimited`, and for what is no date from 1970 on.
pub(in crate::curl) fn read(text: &str) -> Option<SystemTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(12, 14)?, number(15, 17)?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Days from 1970-01-01. A year is taken to begin in March, so that a leap day ends it.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year / 4 - year / 100 + year / 400;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// The reverse: year, month and day.
fn date(days: u64) -> (u64, u64, u64) {
    let mut year = 1970 + days / 366;
    while self::days(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && self::days(year, month + 1, 1) <= days {
        month += 1;
    }
    (year, month, days - self::days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (seconds, text) in [
            (0, "19700101 00:00:00"),
            (68_169_599, "19720228 23:59:59"),
            (68_169_600, "19720229 00:00:00"),
            (951_782_400, "20000229 00:00:00"),
            (1_767_225_599, "20251231 23:59:59"),
            (4_107_542_400, "21000301 00:00:00"),
            (253_402_300_799, "99991231 23:59:59"),
        ] {
            assert_eq!(written(at(seconds)), text);
            assert_eq!(read(text), Some(at(seconds)), "{text}");
        }
        assert_eq!(written(at(u64::from(u32::MAX) * 1000)), "99991231 23:59:59");
        for text in ["unlimited", "", "19690101 00:00:00", "20251301 00:00:00", "2025"] {
            assert_eq!(read(text), None, "{text}");
        }
        for day in (0..2_932_896).step_by(11) {
            let text = written(at(day * DAY));
            assert_eq!(read(&text), Some(at(day * DAY)), "{text}");
        }
    }
}
