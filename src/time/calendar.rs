//! When a term has run out: days of a zone, weekends, holidays, and times when the clock stands still.
//!
//! Hours run by the clock. Days are counted whole: the day a term begins on does not count, and the last
//! day counts to its end. A day that begins while the clock stands still does not count either, and no
//! term ends while it stands still. So a longer pause never brings a due time forward.

use super::holidays::{self, Holidays};
use super::{Date, Term, Timestamp};
use jiff::civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::collections::BTreeSet;

/// Which days are business days, and in which zone a day begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    name: &'static str,
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

/// What a chain names that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadCalendar {
    /// A calendar.
    Name(String),
    /// A time zone.
    Zone(String),
}

/// A time during which the clock stands still: from the first instant until before the second.
type Pause = (Timestamp, Timestamp);

impl Calendar {
    /// The calendars there are. `weekdays` has no holidays.
    pub const NAMES: [&'static str; 3] = ["weekdays", "us-federal", "target"];

    /// Weekends only, days of UTC.
    pub fn utc() -> Calendar {
        Calendar { name: "weekdays", zone: TimeZone::UTC, holidays: BTreeSet::new() }
    }

    /// A calendar of [`Calendar::NAMES`] in a zone of the tz database, with further days off. The
    /// database is the one compiled in: the same instants on every machine.
    ///
    /// # Errors
    /// When there is no such calendar, no such zone, or neither.
    pub fn new(name: &str, zone: &str, holidays: BTreeSet<Date>) -> Result<Calendar, Vec<BadCalendar>> {
        let mut wrong = Vec::new();
        let known = Calendar::NAMES.into_iter().find(|known| *known == name);
        if known.is_none() {
            wrong.push(BadCalendar::Name(name.to_owned()));
        }
        // The database does not mind case; a chain spells a zone in one way.
        let found = TimeZoneDatabase::bundled().get(zone).ok().filter(|z| z.iana_name() == Some(zone));
        if found.is_none() {
            wrong.push(BadCalendar::Zone(zone.to_owned()));
        }
        known.zip(found).map(|(name, zone)| Calendar { name, zone, holidays }).ok_or(wrong)
    }

    /// Its name, one of [`Calendar::NAMES`].
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name of its zone in the tz database.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Days off that the chain itself names.
    pub fn holidays(&self) -> impl Iterator<Item = Date> {
        self.holidays.iter().copied()
    }

    /// What it leaves out besides weekends, for people; `None` for weekends only.
    pub fn title(&self) -> Option<&'static str> {
        holidays::named(self.name).map(Holidays::title)
    }

    /// True if the day is neither a Saturday, a Sunday nor a holiday.
    pub fn is_business_day(&self, day: Date) -> bool {
        let weekend = matches!(day.0.weekday(), civil::Weekday::Saturday | civil::Weekday::Sunday);
        !weekend && !self.holidays.contains(&day) && !holidays::named(self.name).is_some_and(|h| h.has(day.0))
    }

    /// The day an instant falls on in this zone.
    pub fn day(&self, at: Timestamp) -> Date {
        Date(at.0.to_zoned(self.zone.clone()).date())
    }

    /// The instant at which a term that began at `from` has run out: the term is over at that instant and
    /// not before. While one of `pauses` (half-open, sorted, disjoint) lasts, the clock stands still.
    ///
    /// Hours: `from` plus the hours, plus every pause that begins before the instant so reached, in turn.
    /// Days and business days: the end of the first such day by which so many of them have begun after
    /// the opening day and outside every pause, and which does not end inside a pause.
    pub fn due(&self, from: Timestamp, term: Term, pauses: &[Pause]) -> Timestamp {
        match term {
            Term::Hours(hours) => by_the_clock(from, i64::from(hours) * 3600, pauses),
            Term::Days(days) => self.by_days(from, days, pauses, |_| true),
            Term::BusinessDays(days) => self.by_days(from, days, pauses, |day| self.is_business_day(day)),
        }
    }

    fn by_days(
        &self,
        from: Timestamp,
        wanted: u32,
        pauses: &[Pause],
        counts: impl Fn(Date) -> bool,
    ) -> Timestamp {
        let mut day = self.day(from);
        let mut begun = 0;
        loop {
            let Some((next, start)) = self.next(day) else {
                return Timestamp::last();
            };
            day = next;
            match paused_until(pauses, start) {
                // Every day but the last that begins in this pause also ends in it: one step over all of
                // them, so that a pause of a thousand years costs no more than one of a day.
                Some(end) => day = day.max(self.day(end.plus_seconds(-1))),
                None => begun += u32::from(counts(day)),
            }
            if begun < wanted || !counts(day) {
                continue;
            }
            let Some((_, end)) = self.next(day) else {
                return Timestamp::last();
            };
            if paused_until(pauses, end).is_none() {
                return end;
            }
        }
    }

    /// The day after, and the instant it begins; `None` at the end of the calendar.
    fn next(&self, day: Date) -> Option<(Date, Timestamp)> {
        let next = day.0.tomorrow().ok()?;
        let start = next.to_zoned(self.zone.clone()).ok()?.start_of_day().ok()?;
        Some((Date(next), Timestamp(start.timestamp())))
    }
}

fn by_the_clock(from: Timestamp, seconds: i64, pauses: &[Pause]) -> Timestamp {
    let mut due = from.plus_seconds(seconds);
    for (begin, end) in pauses.iter().copied() {
        if begin >= due {
            break;
        }
        due = due.plus_seconds((end.seconds() - begin.max(from).seconds()).max(0));
    }
    due
}

/// The end of the pause that an instant lies in.
fn paused_until(pauses: &[Pause], at: Timestamp) -> Option<Timestamp> {
    let before = pauses.partition_point(|(begin, _)| *begin <= at);
    pauses[..before].last().map(|(_, end)| *end).filter(|end| at < *end)
}
