//! Reported figures against policy thresholds: one row a threshold and group, each with its verdict.

use super::drawing::{self, Bars};
use super::files::{FileLink, Files};
use super::{Tag, When};
use crate::chain::{OnMiss, Threshold};
use crate::decimal::Decimal;
use crate::id::SectionId;
use crate::package::{Exception, Figure, Package};
use crate::site::words;
use serde::Serialize;

/// All figures of a section.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    /// The sample, when it is the same for all rows.
    pub sample: String,
    pub rows: Vec<Row>,
    pub misses: usize,
    /// Figures reported by group, each as one drawing.
    pub groups: Vec<Bars>,
    pub exceptions: Vec<ExceptionView>,
}

/// One figure against its threshold.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub label: String,
    pub group: String,
    pub cites: String,
    /// `at least 0.750`, in words and number.
    pub bound: String,
    /// Empty when nothing was reported.
    pub value: String,
    pub interval: String,
    pub sample: String,
    pub source: Option<FileLink>,
    pub bar: Option<Bar>,
    /// What the bar shows, in words.
    pub drawn: String,
    pub distance: String,
    pub met: bool,
    pub result: Tag,
    /// Why a miss does not stop the submission, or that it does.
    pub note: String,
}

/// The drawing of one value against one bound: places on a line 120 units long, with one decimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Bar {
    pub permitted_x: String,
    pub permitted_width: String,
    pub bounds: Vec<String>,
    pub dot: String,
    pub interval_x: String,
    pub interval_width: String,
}

/// An exception the authors ask for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ExceptionView {
    pub id: String,
    pub about: String,
    pub reason: String,
    pub control: String,
    pub until: Option<When>,
}

impl Figures {
    /// `None` when the policy sets no threshold for the section.
    pub(crate) fn of(
        section: &SectionId,
        thresholds: &[&Threshold],
        package: &Package,
        files: &Files,
    ) -> Option<Figures> {
        if thresholds.is_empty() {
            return None;
        }
        let reported = package.figures.get(section).map_or(&[][..], Vec::as_slice);
        let (mut rows, mut groups) = (Vec::new(), Vec::new());
        for threshold in thresholds {
            let ours: Vec<&Figure> = reported.iter().filter(|f| f.id == threshold.figure).collect();
            // One scale for all groups of a figure: the same place must mean the same value.
            let scale = scale(threshold, &ours);
            groups.extend(drawing::groups(threshold, &ours, scale.as_ref()));
            rows.extend(ours.iter().map(|f| row(threshold, Some(f), scale.as_ref(), package, files)));
            if ours.is_empty() {
                rows.push(row(threshold, None, None, package, files));
            }
        }
        let first = rows.first().map_or("", |r| r.sample.as_str()).to_owned();
        let same = !first.is_empty() && rows.iter().all(|r| r.sample == first || r.value.is_empty());
        if same {
            rows.iter_mut().for_each(|r| r.sample.clear());
        }
        let label = |e: &Exception| {
            let name = thresholds
                .iter()
                .find(|t| t.figure == e.figure)
                .map_or(e.figure.to_string(), |t| t.label.clone());
            e.group.as_ref().map_or(name.clone(), |g| format!("{name}, {g}"))
        };
        let exceptions = package.meta.exceptions.iter().filter(|e| e.section == *section);
        Some(Figures {
            sample: if same { first } else { String::new() },
            misses: rows.iter().filter(|r| !r.met).count(),
            exceptions: exceptions
                .map(|e| ExceptionView {
                    id: e.id.clone(),
                    about: label(e),
                    reason: e.reason.clone(),
                    control: e.control.clone(),
                    until: e.until.map(When::from),
                })
                .collect(),
            groups,
            rows,
        })
    }

    /// How many of how many are not met, as a tag; `None` when all are met.
    pub(crate) fn tag(&self) -> Option<Tag> {
        (self.misses > 0).then(|| {
            Tag::new(
                "bad",
                "cross",
                format!("{} of {} not met", self.misses, words::count(self.rows.len(), "threshold")),
            )
        })
    }
}

fn row(
    threshold: &Threshold,
    figure: Option<&Figure>,
    scale: Option<&Scale>,
    package: &Package,
    files: &Files,
) -> Row {
    let group = figure.and_then(|f| f.group.clone());
    let met = figure.is_some_and(|f| threshold.met_by(&f.value));
    let exception = figure.and_then(|f| {
        let mut all = package.meta.exceptions.iter();
        all.find(|e| e.section == threshold.section && e.figure == f.id && e.group == f.group)
    });
    let note = match (met, exception, threshold.on_miss) {
        (true, ..) => String::new(),
        (false, Some(e), OnMiss::Exception) => format!("Exception {} requested", e.id),
        (false, _, OnMiss::Block) => "No exception is allowed".to_owned(),
        (false, None, OnMiss::Exception) => "No exception requested".to_owned(),
    };
    let result = match (figure, met) {
        (None, _) => Tag::new("warn", "dash", "Not reported"),
        (_, true) => Tag::new("ok", "check", "Meets"),
        (_, false) => Tag::new("bad", "cross", "Not met"),
    };
    Row {
        label: threshold.label.clone(),
        group: group.unwrap_or_default(),
        cites: threshold.cites.clone(),
        bound: bound(threshold),
        value: figure.map_or(String::new(), |f| with_unit(&f.value, &threshold.unit)),
        interval: figure
            .and_then(|f| Some(format!("{} to {}", f.low.as_ref()?, f.high.as_ref()?)))
            .unwrap_or_default(),
        sample: figure.map_or(String::new(), |f| f.sample.clone()),
        source: figure.and_then(|f| files.link(&f.source)),
        bar: figure.zip(scale).map(|(f, scale)| bar(threshold, f, scale)),
        drawn: figure.map_or(String::new(), |f| in_words(threshold, Some(f))),
        distance: figure.map_or(String::new(), |f| distance(threshold, &f.value)),
        met,
        result,
        note,
    }
}

/// A figure against its threshold in one line, as a remark quotes it.
pub(crate) fn in_words(threshold: &Threshold, figure: Option<&Figure>) -> String {
    let group = figure.and_then(|f| f.group.as_ref()).map_or(String::new(), |group| format!(", {group}"));
    let value = figure.map_or_else(
        || "not reported".to_owned(),
        |f| format!("reported {}", with_unit(&f.value, &threshold.unit)),
    );
    format!("{}{group}: {value}, policy {}", threshold.label, bound(threshold))
}

pub(super) fn with_unit(value: &Decimal, unit: &str) -> String {
    let space = if unit.is_empty() || unit.starts_with('%') { "" } else { "\u{a0}" };
    format!("{value}{space}{unit}")
}

/// The bound in words.
pub(crate) fn bound(t: &Threshold) -> String {
    match (&t.at_least, &t.at_most) {
        (Some(low), Some(high)) => format!("{} to {}", with_unit(low, ""), with_unit(high, &t.unit)),
        (Some(low), None) => format!("at least {}", with_unit(low, &t.unit)),
        (None, Some(high)) => format!("at most {}", with_unit(high, &t.unit)),
        (None, None) => String::new(),
    }
}

fn distance(t: &Threshold, value: &Decimal) -> String {
    let apart = |limit: &Decimal, what: &str| {
        let by = with_unit(&value.distance(limit), &t.unit);
        match value.cmp(limit) {
            std::cmp::Ordering::Less => format!("{by} below the {what}"),
            std::cmp::Ordering::Equal => format!("exactly the {what}"),
            std::cmp::Ordering::Greater => format!("{by} above the {what}"),
        }
    };
    match (&t.at_least, &t.at_most) {
        (Some(low), Some(_)) if value < low => apart(low, "minimum"),
        (Some(_), Some(high)) if value > high => apart(high, "maximum"),
        (Some(_), Some(_)) => "within the permitted range".to_owned(),
        (Some(low), None) => apart(low, "minimum"),
        (None, Some(high)) => apart(high, "maximum"),
        (None, None) => String::new(),
    }
}

/// The ends of the drawn range.
pub(super) type Scale = (Decimal, Decimal);

/// A single bound stands in the middle, and the range reaches as far to both sides as the farthest value
/// lies away, rounded up to 1, 2 or 5 times a power of ten, and at least a tenth of the bound: a hair's
/// breadth must not look like a wide margin. A band stands in the middle third.
fn scale(t: &Threshold, figures: &[&Figure]) -> Option<Scale> {
    match (&t.at_least, &t.at_most) {
        (Some(low), Some(high)) => {
            let width = high.minus(low);
            Some((low.minus(&width), high.plus(&width)))
        }
        (Some(limit), None) | (None, Some(limit)) => {
            let farthest = figures.iter().map(|f| f.value.distance(limit)).max()?;
            let half = reach(limit, &farthest)?;
            Some((limit.minus(&half), limit.plus(&half)))
        }
        (None, None) => None,
    }
}

fn bar(t: &Threshold, f: &Figure, (from, to): &Scale) -> Bar {
    let at = |v: &Decimal| v.permille_between(from, to) * 12 / 10;
    let (left, right) = (t.at_least.as_ref().map_or(0, at), t.at_most.as_ref().map_or(1200, at));
    let bounds = t.at_least.iter().chain(&t.at_most).map(|v| tenths(at(v))).collect();
    let interval = f.low.as_ref().zip(f.high.as_ref()).map(|(low, high)| (at(low), at(high)));
    Bar {
        permitted_x: tenths(left),
        permitted_width: tenths(right.saturating_sub(left)),
        bounds,
        dot: tenths(at(&f.value)),
        interval_x: interval.map_or(String::new(), |(low, _)| tenths(low)),
        interval_width: interval.map_or(String::new(), |(low, high)| tenths(high.saturating_sub(low))),
    }
}

fn tenths(n: u32) -> String {
    format!("{}.{}", n / 10, n % 10)
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `distance` and a tenth of `limit`.
fn reach(limit: &Decimal, distance: &Decimal) -> Option<Decimal> {
    let zero: Decimal = "0".parse().ok()?;
    let magnitude = limit.distance(&zero);
    for power in -8i32..12 {
        for digit in ["1", "2", "5"] {
            let (candidate, tenfold) = (scaled(digit, power)?, scaled(digit, power + 1)?);
            if candidate >= *distance && tenfold >= magnitude {
                return Some(candidate);
            }
        }
    }
    None
}

fn scaled(digit: &str, power: i32) -> Option<Decimal> {
    let zeros = usize::try_from(power.unsigned_abs()).ok()?;
    let text = if power < 0 {
        format!("0.{}{digit}", "0".repeat(zeros - 1))
    } else {
        format!("{digit}{}", "0".repeat(zeros))
    };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_drawn_range_is_round_and_wide_enough() {
        assert_eq!(reach(&d("0.75"), &d("0.041")).unwrap(), d("0.1"));
        assert_eq!(reach(&d("0.030"), &d("0.004")).unwrap(), d("0.005"));
        assert_eq!(reach(&d("0"), &d("0")).unwrap(), d("0.00000001"));
        assert_eq!(reach(&d("-200"), &d("3")).unwrap(), d("20"));
        assert!(reach(&d("1"), &d("999999999999999999")).is_none());
    }
}
