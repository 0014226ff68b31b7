//! Due times against days counted by hand, and the laws they keep.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn at(text: &str) -> Timestamp {
    // `2026-11-20 15:00`, in UTC.
    format!("{}:00Z", text.replace(' ', "T")).parse().unwrap()
}

fn calendar(name: &str, zone: &str) -> Calendar {
    Calendar::new(name, zone, BTreeSet::new()).unwrap()
}

fn due(calendar: &Calendar, from: &str, term: &str, pauses: &[(&str, &str)]) -> String {
    let pauses: Vec<(Timestamp, Timestamp)> = pauses.iter().map(|(a, b)| (at(a), at(b))).collect();
    let due = calendar.due(at(from), term.parse().unwrap(), &pauses).to_string();
    due[..16].replace('T', " ")
}

/// R40: a deadline is an instant that can be worked out by hand.
#[test]
fn days_end_at_midnight_of_the_zone() {
    let new_york = calendar("us-federal", "America/New_York");
    let berlin = calendar("target", "Europe/Berlin");
    for (calendar, from, term, expected) in [
        // Friday morning: Mon 23, Tue 24, Wed 25, not Thanksgiving, Fri 27, Mon 30.
        (&new_york, "2026-11-20 15:00", "5 business days", "2026-12-01 05:00"),
        // Still that Friday there, though Saturday in UTC: at 22:00, at 23:59; then Saturday there too.
        (&new_york, "2026-11-21 03:00", "5 business days", "2026-12-01 05:00"),
        (&new_york, "2026-11-21 04:59", "1 day", "2026-11-22 05:00"),
        (&new_york, "2026-11-21 05:00", "1 day", "2026-11-23 05:00"),
        // The Sunday on which summer time begins has 23 hours, the one on which it ends 25.
        (&new_york, "2026-03-07 15:00", "1 day", "2026-03-09 04:00"),
        (&new_york, "2026-10-31 15:00", "1 day", "2026-11-02 05:00"),
        (&new_york, "2026-03-07 15:00", "48 hours", "2026-03-09 15:00"),
        // Year ends: 1 January 2027 is a Friday; that of 2022 was kept on Friday 31 December 2021.
        (&new_york, "2026-12-30 15:00", "2 business days", "2027-01-05 05:00"),
        (&new_york, "2021-12-30 15:00", "1 business day", "2022-01-04 05:00"),
        // Juneteenth, a Friday in 2026 and in 2020, when it was not yet a holiday.
        (&new_york, "2026-06-18 15:00", "1 business day", "2026-06-23 04:00"),
        (&new_york, "2020-06-18 15:00", "1 business day", "2020-06-20 04:00"),
        // Good Friday and Easter Monday.
        (&berlin, "2026-04-02 10:00", "1 business day", "2026-04-07 22:00"),
        (&berlin, "2026-04-02 10:00", "1 day", "2026-04-03 22:00"),
        // A leap day.
        (&berlin, "2028-02-28 10:00", "1 day", "2028-02-29 23:00"),
        // No midnight: summer time began at 00:00 in Sao Paulo.
        (&calendar("weekdays", "America/Sao_Paulo"), "2018-11-02 15:00", "1 day", "2018-11-04 03:00"),
        (&Calendar::utc(), "2026-11-20 23:59", "1 business day", "2026-11-24 00:00"),
    ] {
        assert_eq!(due(calendar, from, term, &[]), expected, "{term} from {from}");
    }
}

#[test]
fn a_chain_can_name_days_off() {
    let off = ["2026-12-24", "2026-12-28"].iter().map(|d| d.parse().unwrap()).collect();
    let berlin = Calendar::new("target", "Europe/Berlin", off).unwrap();
    assert_eq!(due(&berlin, "2026-12-23 10:00", "1 business day", &[]), "2026-12-29 23:00");
    assert_eq!(due(&berlin, "2026-12-23 10:00", "1 day", &[]), "2026-12-24 23:00");
}

#[test]
fn pauses_put_days_off() {
    let new_york = calendar("us-federal", "America/New_York");
    for (term, pause, expected) in [
        // Within one day: nothing changes. It begins with no day and no day ends in it.
        ("1 business day", ("2026-11-20 15:30", "2026-11-20 20:00"), "2026-11-24 05:00"),
        // From Monday to Friday noon, over Thanksgiving: Tuesday, Wednesday and Friday do not count.
        ("5 business days", ("2026-11-23 15:00", "2026-11-27 15:00"), "2026-12-04 05:00"),
        // Over the holiday alone: it did not count anyway.
        ("5 business days", ("2026-11-25 15:00", "2026-11-26 23:00"), "2026-12-01 05:00"),
        // The clock stands still at the end of the last day: it is over with the next day that ends while
        // it runs, a business day.
        ("1 business day", ("2026-11-23 20:00", "2026-11-24 15:00"), "2026-11-25 05:00"),
        ("5 business days", ("2026-11-30 20:00", "2026-12-04 20:00"), "2026-12-05 05:00"),
        ("4 business days", ("2026-11-27 20:00", "2026-11-28 20:00"), "2026-12-01 05:00"),
        // Up to the very instant it is over, and from it.
        ("1 business day", ("2026-11-23 20:00", "2026-11-24 05:00"), "2026-11-24 05:00"),
        ("1 business day", ("2026-11-24 05:00", "2026-11-24 06:00"), "2026-11-25 05:00"),
        ("1 business day", ("2026-11-24 05:01", "2026-11-27 06:00"), "2026-11-24 05:00"),
        // Already standing still when the term began.
        ("1 business day", ("2026-11-01 00:00", "2026-11-24 15:00"), "2026-11-26 05:00"),
    ] {
        assert_eq!(due(&new_york, "2026-11-20 15:00", term, &[pause]), expected, "{term}, {pause:?}");
    }
}

#[test]
fn pauses_put_hours_off_by_what_lies_before_the_end() {
    let utc = Calendar::utc();
    let first = ("2026-11-20 16:00", "2026-11-20 18:00");
    let second = ("2026-11-22 16:00", "2026-11-22 20:00");
    let third = ("2026-11-22 21:00", "2026-11-30 00:00");
    let due = |pauses: &[(&str, &str)]| due(&utc, "2026-11-20 15:00", "48 hours", pauses);
    assert_eq!(due(&[first]), "2026-11-22 17:00");
    assert_eq!(due(&[second]), "2026-11-22 15:00", "it begins after the end");
    assert_eq!(due(&[first, second, third]), "2026-11-22 21:00", "the third begins at the end");
    assert_eq!(due(&[("2026-11-19 00:00", "2026-11-20 16:00")]), "2026-11-22 16:00");
}

#[test]
fn zones_and_calendars_have_one_spelling() {
    let new = |name, zone| Calendar::new(name, zone, BTreeSet::new());
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
        assert_eq!(new("weekdays", zone).unwrap().zone(), zone);
    }
    for zone in
        ["utc", "europe/berlin", "", "EST5EDT,M3.2.0,M11.1.0", "../../etc/localtime", ":Europe/Berlin"]
    {
        assert_eq!(new("weekdays", zone), Err(vec![BadCalendar::Zone(zone.to_owned())]));
    }
    assert_eq!(new("US", "Mars").unwrap_err().len(), 2);
    assert_eq!(new("weekdays", "UTC").unwrap(), Calendar::utc());
}

#[test]
fn the_end_of_time_is_no_panic() {
    let last = Timestamp::from_seconds(253_402_207_200).unwrap();
    for term in ["3650 days", "3650 business days", "87600 hours"] {
        assert!(calendar("target", "Asia/Kolkata").due(last, term.parse().unwrap(), &[]) >= last);
    }
}

/// Half-open, sorted and disjoint.
fn tidy(mut pauses: Vec<(i64, i64)>) -> Vec<(Timestamp, Timestamp)> {
    pauses.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (begin, end) in pauses {
        match merged.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((begin, end)),
        }
    }
    let stamp = |seconds| Timestamp::from_seconds(seconds).unwrap();
    merged.into_iter().map(|(begin, end)| (stamp(begin), stamp(end))).collect()
}

/// The rule of SPEC section 8 in its own words, day by day.
fn slow(
    calendar: &Calendar,
    from: Timestamp,
    n: u32,
    business: bool,
    pauses: &[(Timestamp, Timestamp)],
) -> Timestamp {
    let paused = |at: Timestamp| pauses.iter().any(|(begin, end)| *begin <= at && at < *end);
    let start = |day: jiff::civil::Date| {
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(calendar.zone()).unwrap();
        Timestamp(day.to_zoned(zone).unwrap().start_of_day().unwrap().timestamp())
    };
    let mut day = calendar.day(from).0.tomorrow().unwrap();
    let mut begun = 0;
    loop {
        let next = day.tomorrow().unwrap();
        if !business || calendar.is_business_day(Date(day)) {
            begun += u32::from(!paused(start(day)));
            if begun >= n && !paused(start(next)) {
                return start(next);
            }
        }
        day = next;
    }
}

fn terms() -> impl Strategy<Value = fn(u32) -> Term> {
    prop::sample::select(vec![Term::Hours as fn(u32) -> Term, Term::Days, Term::BusinessDays])
}

fn places() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("us-federal", "America/New_York"),
        ("target", "Europe/Berlin"),
        ("weekdays", "America/Sao_Paulo"),
        ("weekdays", "UTC"),
    ])
}

/// Within the years 2014 to 2030, by quarters of an hour and to the second.
fn instants() -> impl Strategy<Value = i64> {
    prop_oneof![
        (1_389_000_000_i64 / 900..1_900_000_000 / 900).prop_map(|q| q * 900),
        1_389_000_000_i64..1_900_000_000
    ]
}

proptest! {
    #[test]
    fn due_times_keep_their_laws(
        (name, zone) in places(),
        term in terms(),
        from in instants(),
        later in 0_i64..1_000_000,
        n in 1_u32..40,
        more in 0_u32..10,
        pauses in prop::collection::vec((-2_000_000_i64..4_000_000, 1_i64..1_000_000), 0..6),
        further in prop::collection::vec((-2_000_000_i64..4_000_000, 1_i64..1_000_000), 0..3),
    ) {
        let calendar = calendar(name, zone);
        let stamp = |seconds| Timestamp::from_seconds(seconds).unwrap();
        let pauses: Vec<(i64, i64)> = pauses.into_iter().map(|(a, len)| (from + a, from + a + len)).collect();
        let all: Vec<(i64, i64)> =
            pauses.iter().copied().chain(further.into_iter().map(|(a, len)| (from + a, from + a + len))).collect();
        let (few, many) = (tidy(pauses), tidy(all));
        let due = calendar.due(stamp(from), term(n), &few);
        prop_assert!(due > stamp(from));
        prop_assert!(calendar.due(stamp(from), term(n), &[]) <= due);
        prop_assert!(due <= calendar.due(stamp(from + later), term(n), &few), "monotone in from");
        prop_assert!(due <= calendar.due(stamp(from), term(n + more), &few), "monotone in n");
        prop_assert!(due <= calendar.due(stamp(from), term(n), &many), "monotone in pauses");
        match term(n) {
            Term::Hours(_) => {}
            Term::Days(n) => prop_assert_eq!(due, slow(&calendar, stamp(from), n, false, &few)),
            Term::BusinessDays(n) => prop_assert_eq!(due, slow(&calendar, stamp(from), n, true, &few)),
        }
        if !matches!(term(n), Term::Hours(_)) {
            prop_assert!(!few.iter().any(|(begin, end)| *begin <= due && due < *end), "it runs when it is over");
        }
    }
}
