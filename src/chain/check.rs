//! From the shape of a chain file to a [`Chain`] that cannot be wrong.

use super::diagnostics as say;
use super::order::order;
use super::raw::{Inflight, RawChain, RawSection, RawStep, RawThreshold, raw};
use super::steps::one_step;
use super::{Chain, OnMiss, Section, Step, Threshold};
use crate::diag::Diagnostics;
use crate::diag::common::{characters, too_large};
use crate::diag::toml::At;
use crate::digest::ChainDigest;
use crate::id::{SectionId, StepId};
use crate::text::{SourceFile, Span};
use crate::time::{BadCalendar, Calendar, Date};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes a chain file may have.
pub const MAX_CHAIN: usize = 256 * 1024;
/// Sections, thresholds or steps a chain may have.
const MAX_PARTS: usize = 500;
/// Changed words up to which a change of prose is minor, unless the chain says otherwise.
const MINOR_WORDS: u32 = 25;
/// Changed words a chain may call minor: a whole page of them is not.
const MOST_MINOR_WORDS: u32 = 200;
/// Holidays a chain may name.
const MAX_HOLIDAYS: usize = 1000;

/// Reads a chain. Everything wrong with it is reported; `None` if anything is.
pub fn parse(file: &SourceFile, out: &mut Diagnostics) -> Option<Chain> {
    if file.text().len() > MAX_CHAIN {
        out.push(too_large(file.path(), file.text().len() as u64, MAX_CHAIN as u64));
        return None;
    }
    let mut found = Diagnostics::new();
    characters(file, &mut found);
    let chain = raw(file, &mut found).and_then(|raw| check(file, raw, &mut found));
    let sound = !found.has_errors();
    out.extend(found);
    chain.filter(|_| sound)
}

/// `None` only where an error was reported.
fn check(file: &SourceFile, raw: RawChain, out: &mut Diagnostics) -> Option<Chain> {
    let top = raw.id.as_ref().map_or(Span::default(), |id| id.span);
    if let Some(id) = &raw.id
        && file.path().parent().is_none_or(|p| p == "chains" || p.ends_with("/chains"))
        && file.path().name() != format!("{}.toml", id.value)
    {
        out.push(say::chain_name(file, id.span, id.value.as_str()));
    }
    for (what, count) in
        [("section", raw.sections.len()), ("threshold", raw.thresholds.len()), ("step", raw.steps.len())]
    {
        if count > MAX_PARTS {
            out.push(say::too_many(file, top, what, count, MAX_PARTS));
            return None;
        }
        if count == 0 && what != "threshold" {
            out.push(say::none_of(file, top, what));
        }
    }
    let sections: Vec<Option<Section>> = sections(file, raw.sections, out);
    let ids: Vec<SectionId> = sections.iter().flatten().map(|s| s.id.clone()).collect();
    let thresholds = thresholds(file, raw.thresholds, &ids, out);
    let steps = steps(file, raw.steps, &ids, out);
    let calendar = calendar(file, &raw.calendar, &raw.zone, &raw.holidays, out);
    if let Some(words) = raw.minor_words.as_ref().filter(|n| n.value > MOST_MINOR_WORDS) {
        out.push(say::minor_words(file, words.span, MOST_MINOR_WORDS));
    }
    let text = |t: Option<At<String>>| t.map_or(String::new(), |t| t.value);
    Some(Chain {
        id: raw.id?.value,
        digest: ChainDigest(crate::digest::sha256(file.text().as_bytes())),
        title: raw.title?.value,
        policy: text(raw.policy),
        sections: sections.into_iter().collect::<Option<_>>()?,
        thresholds: thresholds?,
        steps: steps?,
        review_by: raw.review_by.map(|r| r.value),
        calendar: calendar?,
        applies_to_inflight: raw.applies_to_inflight.is_some_and(|a| a.value == Inflight::Must),
        minor_words: raw.minor_words.map_or(MINOR_WORDS, |n| n.value),
        overridable: raw.overridable.is_none_or(|o| o.value),
    })
}

fn calendar(
    file: &SourceFile,
    name: &Option<At<String>>,
    zone: &Option<At<String>>,
    holidays: &[At<Date>],
    out: &mut Diagnostics,
) -> Option<Calendar> {
    let mut days: BTreeSet<Date> = BTreeSet::new();
    for day in holidays {
        if !days.insert(day.value) {
            out.push(say::twice(file, day.span, &day.value.to_string()));
        }
    }
    if let Some(beyond) = holidays.get(MAX_HOLIDAYS) {
        out.push(say::too_many(file, beyond.span, "holiday", holidays.len(), MAX_HOLIDAYS));
    }
    let text = |at: &Option<At<String>>, default: &str| {
        at.as_ref().map_or_else(|| default.to_owned(), |at| at.value.clone())
    };
    let span = |at: &Option<At<String>>| at.as_ref().map_or(Span::default(), |at| at.span);
    match Calendar::new(&text(name, "weekdays"), &text(zone, "UTC"), days) {
        Ok(calendar) => Some(calendar),
        Err(wrong) => {
            for wrong in wrong {
                out.push(match wrong {
                    BadCalendar::Name(text) => say::no_calendar(file, span(name), &text),
                    BadCalendar::Zone(text) => say::no_zone(file, span(zone), &text),
                });
            }
            None
        }
    }
}

fn sections(file: &SourceFile, raw: Vec<RawSection>, out: &mut Diagnostics) -> Vec<Option<Section>> {
    let mut seen = BTreeMap::new();
    let mut all = Vec::new();
    for section in raw {
        if let Some(id) = &section.id {
            if id.value == SectionId::package_itself() {
                out.push(say::reserved_section(file, id.span));
            }
            if let Some(first) = seen.insert(id.value.clone(), id.span) {
                out.push(say::duplicate(file, id.span, "section", id.value.as_str(), first));
            }
        }
        let (Some(id), Some(title), Some(criterion)) = (section.id, section.title, section.criterion) else {
            all.push(None);
            continue;
        };
        let cites = section.cites.into_iter().map(|c| c.value).collect();
        all.push(Some(Section { id: id.value, title: title.value, criterion: criterion.value, cites }));
    }
    all
}

fn known(file: &SourceFile, ids: &[SectionId], id: &At<SectionId>, out: &mut Diagnostics) {
    if !ids.contains(&id.value) {
        let names = ids.iter().map(SectionId::as_str);
        out.push(say::unknown(file, id.span, "section", id.value.as_str(), names));
    }
}

fn thresholds(
    file: &SourceFile,
    raw: Vec<RawThreshold>,
    ids: &[SectionId],
    out: &mut Diagnostics,
) -> Option<Vec<Threshold>> {
    let mut seen = BTreeMap::new();
    let mut all = Vec::new();
    let mut sound = true;
    for t in raw {
        if let Some(section) = &t.section {
            known(file, ids, section, out);
        }
        if !t.bounded {
            out.push(say::no_bound(file, t.span));
        }
        if let (Some(low), Some(high)) = (&t.at_least, &t.at_most)
            && low.value > high.value
        {
            out.push(say::empty_band(file, high.span));
        }
        let (Some(section), Some(figure), Some(label)) = (t.section, t.figure, t.label) else {
            sound = false;
            continue;
        };
        if let Some(first) = seen.insert((section.value.clone(), figure.value.clone()), figure.span) {
            out.push(say::duplicate(file, figure.span, "threshold", figure.value.as_str(), first));
        }
        all.push(Threshold {
            section: section.value,
            figure: figure.value,
            label: label.value,
            at_least: t.at_least.map(|d| d.value),
            at_most: t.at_most.map(|d| d.value),
            unit: t.unit.map_or(String::new(), |u| u.value),
            cites: t.cites.map_or(String::new(), |c| c.value),
            on_miss: t.on_miss.map_or(OnMiss::Block, |m| m.value),
        });
    }
    sound.then_some(all)
}

fn steps(
    file: &SourceFile,
    raw: Vec<RawStep>,
    ids: &[SectionId],
    out: &mut Diagnostics,
) -> Option<Vec<Step>> {
    let mut positions: BTreeMap<StepId, (usize, Span)> = BTreeMap::new();
    for (position, step) in raw.iter().enumerate() {
        if let Some(id) = &step.id {
            if let Some((_, first)) = positions.get(&id.value) {
                out.push(say::duplicate(file, id.span, "step", id.value.as_str(), *first));
            } else {
                positions.insert(id.value.clone(), (position, id.span));
            }
        }
    }
    let after: Vec<Vec<usize>> = raw.iter().map(|step| predecessors(file, step, &positions, out)).collect();
    let sorted = order(&after);
    for cycle in sorted.as_ref().err().into_iter().flatten() {
        let names: Vec<&str> =
            cycle.iter().filter_map(|i| raw[*i].id.as_ref()).map(|id| id.value.as_str()).collect();
        out.push(say::cycle(
            file,
            raw[cycle[0]].id.as_ref().map_or(raw[cycle[0]].span, |id| id.span),
            &names,
        ));
    }
    let mut judged: Vec<bool> = vec![false; ids.len()];
    let mut all: Vec<Option<Step>> = Vec::new();
    for step in raw {
        let scope = scope(file, &step, ids, out);
        for (position, id) in ids.iter().enumerate() {
            judged[position] |= scope.contains(id);
        }
        all.push(one_step(file, step, scope, out));
    }
    for (id, judged) in ids.iter().zip(judged) {
        if !judged && !all.is_empty() {
            out.push(say::not_judged(file, id.as_str()));
        }
    }
    let sorted = sorted.ok()?;
    sorted.into_iter().map(|position| all[position].take()).collect()
}

fn predecessors(
    file: &SourceFile,
    step: &RawStep,
    positions: &BTreeMap<StepId, (usize, Span)>,
    out: &mut Diagnostics,
) -> Vec<usize> {
    let mut found = Vec::new();
    for before in &step.after {
        match positions.get(&before.value) {
            Some((position, _)) if found.contains(position) => {
                out.push(say::twice(file, before.span, before.value.as_str()));
            }
            Some((position, _)) => found.push(*position),
            None => {
                let names = positions.keys().map(StepId::as_str);
                out.push(say::unknown(file, before.span, "step", before.value.as_str(), names));
            }
        }
    }
    found
}

/// The sections a step judges, in chain order.
fn scope(file: &SourceFile, step: &RawStep, ids: &[SectionId], out: &mut Diagnostics) -> Vec<SectionId> {
    let Some(written) = &step.scope else {
        return ids.to_vec();
    };
    if written.is_empty() {
        out.push(say::empty_scope(file, step.id.as_ref().map_or(step.span, |id| id.span)));
    }
    if let Some(star) = written.iter().find(|s| s.value == "*") {
        if written.len() > 1 {
            out.push(say::star_and_names(file, star.span));
        }
        return ids.to_vec();
    }
    let mut named: Vec<SectionId> = Vec::new();
    for name in written {
        match ids.iter().find(|id| id.as_str() == name.value) {
            Some(id) if named.contains(id) => out.push(say::twice(file, name.span, id.as_str())),
            Some(id) => named.push(id.clone()),
            None => {
                let names = ids.iter().map(SectionId::as_str);
                out.push(say::unknown(file, name.span, "section", &name.value, names));
            }
        }
    }
    ids.iter().filter(|id| named.contains(id)).cloned().collect()
}
