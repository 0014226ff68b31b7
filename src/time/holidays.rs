//! Named calendars of holidays: rules in a TOML file each, with the sources they are taken from.

use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use std::sync::LazyLock;

/// A calendar's name, and what its file says.
static FILES: LazyLock<[Holidays; 2]> = LazyLock::new(|| {
    [
        ("us-federal", include_str!("calendars/us-federal.toml")),
        ("target", include_str!("calendars/target.toml")),
    ]
    .map(|(name, text)| {
        let file: File = toml::from_str(text).expect("the calendars of the program are sound");
        Holidays { name, file }
    })
});

/// The holidays of a named calendar.
#[derive(Debug)]
pub(super) struct Holidays {
    name: &'static str,
    file: File,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    /// For readers of the file; a calendar without a source is not one.
    #[serde(rename = "sources")]
    _sources: Vec<String>,
    holiday: Vec<Holiday>,
}

#[derive(Debug, Deserialize)]
struct Holiday {
    #[serde(rename = "name")]
    _name: String,
    /// First year it is kept in.
    #[serde(default)]
    from: i16,
    /// True if one on a Saturday is kept the Friday before, one on a Sunday the Monday after.
    #[serde(default)]
    observed: bool,
    #[serde(flatten)]
    rule: Rule,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Rule {
    Fixed { month: i8, day: i8 },
    Nth { month: i8, weekday: Day, nth: i8 },
    Easter { easter: i64 },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
}

/// The calendar of that name.
pub(super) fn named(name: &str) -> Option<&'static Holidays> {
    FILES.iter().find(|holidays| holidays.name == name)
}

impl Holidays {
    /// What it leaves out besides weekends, in a sentence about business days.
    pub(super) fn title(&self) -> &str {
        &self.file.title
    }

    /// True if the day is a holiday, as it is kept.
    pub(super) fn has(&self, day: Date) -> bool {
        // One of the year beside can be kept in this year: New Year's Day on 31 December.
        (day.year().saturating_sub(1)..=day.year().saturating_add(1))
            .any(|year| self.file.holiday.iter().any(|holiday| holiday.kept(year) == Some(day)))
    }
}

impl Holiday {
    /// The day it is kept on in a year.
    fn kept(&self, year: i16) -> Option<Date> {
        if year < self.from {
            return None;
        }
        let day = match self.rule {
            Rule::Fixed { month, day } => Date::new(year, month, day).ok()?,
            Rule::Nth { month, weekday, nth } => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday.into()).ok()?
            }
            Rule::Easter { easter } => {
                self::easter(year)?.checked_add(jiff::Span::new().days(easter)).ok()?
            }
        };
        match day.weekday() {
            Weekday::Saturday if self.observed => day.yesterday().ok(),
            Weekday::Sunday if self.observed => day.tomorrow().ok(),
            _ => Some(day),
        }
    }
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Weekday {
        match day {
            Day::Monday => Weekday::Monday,
            Day::Tuesday => Weekday::Tuesday,
            Day::Wednesday => Weekday::Wednesday,
            Day::Thursday => Weekday::Thursday,
            Day::Friday => Weekday::Friday,
        }
    }
}

/// Easter Sunday of a year of the Gregorian calendar: the Sunday after the full moon, as the Church
/// reckons it, on or next after 21 March.
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let century = year / 100;
    // The moon's age on 21 March: the golden number, set right for the leap days that centuries drop and
    // for the drift of the nineteen-year cycle.
    let golden = year % 19;
    let drift = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - drift + 15).rem_euclid(30);
    // Two ages are brought forward by a day, so that no full moon falls twice in a cycle.
    let moon = epact - (epact / 28) * (1 - (29 / (epact + 1)) * ((21 - golden) / 11));
    // From the day of the moon to the Sunday after it.
    let weekday = (year + year / 4 + moon + 2 - century + century / 4).rem_euclid(7);
    let days = moon - weekday;
    let month = 3 + (days + 40) / 44;
    let day = days + 28 - 31 * (month / 4);
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &str, year: i16) -> Vec<String> {
        let first = Date::new(year, 1, 1).unwrap();
        let days = first.series(jiff::Span::new().days(1)).take_while(|day| day.year() == year);
        days.filter(|day| named(name).unwrap().has(*day)).map(|day| day.to_string()[5..].to_owned()).collect()
    }

    /// Hand-checked against the published lists of the years.
    #[test]
    fn federal_holidays_are_kept_on_the_published_days() {
        // 31 December 2021 is New Year's Day 2022; Juneteenth was kept for the first time.
        assert_eq!(
            kept("us-federal", 2021),
            [
                "01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25",
                "12-24", "12-31"
            ]
        );
        assert_eq!(
            kept("us-federal", 2022),
            ["01-17", "02-21", "05-30", "06-20", "07-04", "09-05", "10-10", "11-11", "11-24", "12-26"]
        );
        assert_eq!(
            kept("us-federal", 2026),
            [
                "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26",
                "12-25"
            ]
        );
        assert!(!kept("us-federal", 2020).contains(&"06-19".to_owned()));
    }

    #[test]
    fn target_closes_on_the_published_days() {
        for (year, friday, monday) in [
            (2024, "03-29", "04-01"),
            (2025, "04-18", "04-21"),
            (2026, "04-03", "04-06"),
            (2027, "03-26", "03-29"),
        ] {
            assert_eq!(kept("target", year), ["01-01", friday, monday, "05-01", "12-25", "12-26"]);
        }
    }

    /// Published dates, the earliest and the latest possible ones among them, and the two kinds of years
    /// whose moon is brought forward.
    #[test]
    fn easter_falls_on_the_published_days() {
        for (year, day) in [
            (1818, "1818-03-22"),
            (1943, "1943-04-25"),
            (1954, "1954-04-18"),
            (1981, "1981-04-19"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2011, "2011-04-24"),
            (2019, "2019-04-21"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2038, "2038-04-25"),
            (2049, "2049-04-18"),
            (2076, "2076-04-19"),
            (2285, "2285-03-22"),
        ] {
            assert_eq!(easter(year).unwrap().to_string(), day);
        }
    }

    #[test]
    fn easter_is_a_sunday_in_its_five_weeks() {
        for year in 1583..=9998 {
            let day = easter(year).unwrap();
            assert_eq!(day.weekday(), Weekday::Sunday);
            assert!(
                (Date::new(year, 3, 22).unwrap()..=Date::new(year, 4, 25).unwrap()).contains(&day),
                "{day}"
            );
        }
    }
}
