//! Pictures where people would rather look than read: the chain, groups side by side, rounds in time.
//!
//! In: the same views that the page prints as text. Out: places and words of an SVG, computed here with
//! whole numbers, laid out by a template. Each picture has a title, a description, and a text equal beside
//! it; shape and words carry what color carries.
//!
//! *Invariant:* nothing is in a picture only.

use super::figures::{self, Scale};
use super::stepper::Stage;
use crate::chain::{Chain, Threshold};
use crate::package::Figure;
use crate::site::words;
use crate::time::Date;
use serde::Serialize;

/// Width of a stage and height of a step in the drawing of a chain.
const STAGE: usize = 156;
const STEP: usize = 92;
/// More steps than this, and a drawing says less than the list.
const MOST_STEPS: usize = 24;
/// Rounds and groups drawn; the text has all.
const MOST_ROWS: usize = 16;
/// Height of a row with its words, and where bars begin.
const ROW: usize = 34;

/// The chain as stages from left to right.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChainPicture {
    pub title: String,
    pub desc: String,
    pub width: usize,
    pub height: usize,
    pub lines: Vec<Line>,
    pub nodes: Vec<Node>,
}

/// From a step to one that waits for it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub done: bool,
    pub x1: usize,
    pub y1: usize,
    pub x2: usize,
    pub y2: usize,
    pub bend: usize,
}

/// A step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Node {
    pub class: &'static str,
    pub icon: &'static str,
    pub number: usize,
    pub x: usize,
    pub y: usize,
    pub words: Vec<String>,
    pub state: &'static str,
    pub flag: &'static str,
}

/// The drawing of a chain; `None` when it would say nothing.
pub(crate) fn chain(chain: &Chain, stages: &[Stage]) -> Option<ChainPicture> {
    let count: usize = stages.iter().map(|s| s.steps.len()).sum();
    if !(2..=MOST_STEPS).contains(&count) {
        return None;
    }
    let tallest = stages.iter().map(|s| s.steps.len()).max().unwrap_or(1);
    let mut nodes = Vec::new();
    for (column, stage) in stages.iter().enumerate() {
        // A short stage stands in the middle beside a tall one.
        let top = (tallest - stage.steps.len()) * STEP / 2;
        nodes.extend(stage.steps.iter().enumerate().map(|(row, s)| Node {
            class: s.class,
            icon: s.icon,
            number: s.number,
            x: column * STAGE + 16,
            y: top + row * STEP + 18,
            words: wrapped(&s.title, 17),
            state: s.short,
            flag: s.late,
        }));
    }
    let place = |number: usize| nodes.iter().find(|n| n.number == number).map(|n| (n.x, n.y, n.class));
    let mut lines = Vec::new();
    for (at, step) in chain.steps.iter().enumerate() {
        let Some((x2, y2, _)) = place(at + 1) else { continue };
        for before in &step.after {
            let Some((x1, y1, class)) = place(super::stepper::number(chain, before)) else { continue };
            // A line over a whole stage would run through its words.
            if x2 == x1 + STAGE {
                let line = Line { done: class == "done", x1: x1 + 17, y1, x2: x2 - 17, y2, bend: x2 - 46 };
                lines.push(line);
            }
        }
    }
    let said =
        stages.iter().flat_map(|s| &s.steps).map(|s| format!("{}. {}: {}", s.number, s.title, s.short));
    Some(ChainPicture {
        title: format!("The {} of the approval chain and where each stands", words::count(count, "step")),
        desc: format!("{}. The list below says the same in full.", said.collect::<Vec<_>>().join("; ")),
        width: stages.len() * STAGE,
        height: tallest * STEP,
        lines,
        nodes,
    })
}

/// Breaks words into at most two lines.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let full = lines.len() == 2;
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < most => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if full => {
                line.push('…');
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    for line in &mut lines {
        if line.chars().count() > most + 2 {
            *line = line.chars().take(most).chain(['…']).collect();
        }
    }
    lines
}

/// Rows of bars on one scale: groups against a threshold, or rounds in time.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Bars {
    pub title: String,
    pub desc: String,
    pub height: usize,
    pub rows: Vec<BarRow>,
    /// Where the policy line stands, if there is one.
    pub limits: Vec<Limit>,
    /// What the line means, below the rows.
    pub key: String,
}

/// A bar with its words above it; places in tenths of a unit, 360 units wide.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BarRow {
    pub y: usize,
    pub label: String,
    pub value: String,
    pub x: String,
    pub width: String,
    /// Where the value stands.
    pub dot: Option<String>,
    /// `ok`, `bad` or `plain`.
    pub class: &'static str,
    pub icon: &'static str,
}

/// A vertical line over all rows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Limit {
    pub x: String,
}

/// All groups of a figure side by side, with the policy line.
pub(super) fn groups(threshold: &Threshold, figures: &[&Figure], scale: Option<&Scale>) -> Option<Bars> {
    let (from, to) = scale?;
    if figures.len() < 2 || figures.iter().all(|f| f.group.is_none()) {
        return None;
    }
    // Tenths of a unit on a line 360 units long. The bar runs from the policy line to the value: the scale
    // need not begin at zero, so a bar from its left end would mean nothing.
    let at = |v: &crate::decimal::Decimal| u32::min(v.permille_between(from, to), 1000) * 36 / 10;
    let limit = match (&threshold.at_least, &threshold.at_most) {
        (Some(one), None) | (None, Some(one)) => Some(at(one)),
        _ => None,
    };
    let rows = figures.iter().take(MOST_ROWS).enumerate().map(|(row, f)| {
        let met = threshold.met_by(&f.value);
        let dot = at(&f.value);
        let limit = limit.unwrap_or(dot);
        BarRow {
            y: row * ROW,
            label: cut(f.group.as_deref().unwrap_or("all"), 34),
            value: format!(
                "{}, {}",
                figures::with_unit(&f.value, &threshold.unit),
                if met { "meets" } else { "not met" }
            ),
            x: tenths(limit.min(dot)),
            width: tenths(limit.abs_diff(dot)),
            dot: Some(tenths(dot)),
            class: if met { "ok" } else { "bad" },
            icon: if met { "check" } else { "cross" },
        }
    });
    let rows: Vec<BarRow> = rows.collect();
    let bound = figures::bound(threshold);
    let said: Vec<String> = rows.iter().map(|r| format!("{} {}", r.label, r.value)).collect();
    let limits = threshold.at_least.iter().chain(&threshold.at_most);
    Some(Bars {
        title: format!("{} by group, against the policy: {bound}", threshold.label),
        desc: format!("{}. The table above says the same.", said.join("; ")),
        height: rows.len() * ROW + 20,
        limits: limits.map(|v| Limit { x: tenths(at(v)) }).collect(),
        key: format!("Line: policy, {bound}. The scale runs from {from} to {to}."),
        rows,
    })
}

/// A round of review for the drawing: from its submission to its end.
pub(crate) struct Span {
    pub label: String,
    pub end: String,
    pub from: Date,
    pub to: Date,
    pub class: &'static str,
    pub icon: &'static str,
}

/// All rounds on one time line; `None` when there is but one, or one day.
pub(crate) fn rounds(spans: &[Span]) -> Option<Bars> {
    let shown = spans.get(spans.len().saturating_sub(MOST_ROWS)..).filter(|s| s.len() > 1)?;
    let seconds = |d: &Date| d.start().seconds();
    let first = shown.iter().map(|s| seconds(&s.from)).min()?;
    let last = shown.iter().map(|s| seconds(&s.to)).max()?;
    if first == last {
        return None;
    }
    // A day has a width: what began and ended on one day is seen too.
    let whole = u64::try_from(last - first).unwrap_or(0) + 86_400;
    let at = |t: i64| u32::try_from(u64::try_from(t - first).unwrap_or(0) * 3600 / whole).unwrap_or(3600);
    let rows = shown.iter().enumerate().map(|(row, s)| {
        let (left, right) = (at(seconds(&s.from)), at(seconds(&s.to) + 86_400));
        BarRow {
            y: row * ROW,
            label: s.label.clone(),
            value: s.end.clone(),
            x: tenths(left),
            width: tenths(right.saturating_sub(left).max(20)),
            dot: None,
            class: s.class,
            icon: s.icon,
        }
    });
    let rows: Vec<BarRow> = rows.collect();
    let said: Vec<String> = rows.iter().map(|r| format!("{}: {}", r.label, r.value)).collect();
    let ends = (shown.iter().map(|s| s.from).min()?, shown.iter().map(|s| s.to).max()?);
    Some(Bars {
        title: "The rounds of this review in time".to_owned(),
        desc: format!("{}. The lists below say the same in full.", said.join("; ")),
        height: rows.len() * ROW + 20,
        limits: Vec::new(),
        key: format!("From {} to {}", ends.0.human(), ends.1.human()),
        rows,
    })
}

fn tenths(n: u32) -> String {
    format!("{}.{}", n / 10, n % 10)
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        text.chars().take(most).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_broken_into_two_lines_and_cut() {
        assert_eq!(wrapped("AI committee", 20), ["AI committee"]);
        assert_eq!(wrapped("Model risk management office", 20), ["Model risk", "management office"]);
        let long = wrapped("One two three four five six seven eight nine ten eleven", 20);
        assert!(long.len() == 2 && long[1].ends_with('…'), "{long:?}");
        assert!(wrapped(&"x".repeat(100), 20)[0].chars().count() < 24);
    }

    #[test]
    fn rounds_on_one_day_are_seen_and_stay_inside() {
        let span = |from: &str, to: &str| Span {
            label: String::new(),
            end: String::new(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            class: "plain",
            icon: "",
        };
        assert!(rounds(&[span("2026-01-01", "2026-01-02")]).is_none());
        let two = rounds(&[span("2026-01-01", "2026-01-01"), span("2026-01-01", "2027-01-01")]).unwrap();
        assert_eq!((two.rows[0].x.as_str(), two.rows[0].width.as_str()), ("0.0", "2.0"));
        assert_eq!(two.rows[1].width, "360.0");
    }
}
