//! package.toml by field, and figures by id and group.

use super::{Change, FieldChange, FigureChange, FigureFacts, Side, Verdict, compare};
use crate::chain::{Chain, Threshold};
use crate::id::{FigureId, SectionId};
use crate::package::{Figure, Meta, bound};
use std::collections::{BTreeMap, BTreeSet};

/// The fields that differ, by name.
pub(super) fn toml(old: &Meta, new: &Meta) -> Vec<FieldChange> {
    let (old, new) = (flat(old), flat(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|field| {
            let (before, after) = (old.get(field).cloned(), new.get(field).cloned());
            let change = compare(before.as_ref(), after.as_ref())?;
            Some(FieldChange { change, field: field.clone(), new: after, old: before })
        })
        .collect()
}

/// package.toml as dotted names and texts; lists are joined by `, `.
fn flat(meta: &Meta) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut put = |name: &str, value: &str| {
        all.insert(name.to_owned(), value.to_owned());
    };
    put("title", &meta.title);
    put("chain", meta.chain.as_str());
    put("owner", meta.owner.as_str());
    put("authors", &meta.authors.iter().map(|a| a.as_str()).collect::<Vec<_>>().join(", "));
    put("model.name", &meta.model.name);
    put("model.version", &meta.model.version);
    if let Some(registry) = &meta.registry {
        put("model.registry", registry);
    }
    if let Some(artifact) = &meta.artifact {
        put("model.artifact", artifact);
    }
    put("scope.use", &meta.use_);
    put("scope.not_for", &meta.not_for);
    put("scope.environments", &meta.environments.join(", "));
    for (name, value) in &meta.meta {
        put(&format!("meta.{name}"), value);
    }
    for exception in &meta.exceptions {
        let mut put = |name: &str, value: &str| put(&format!("exception.{}.{name}", exception.id), value);
        put("section", exception.section.as_str());
        put("figure", exception.figure.as_str());
        if let Some(group) = &exception.group {
            put("group", group);
        }
        put("reason", &exception.reason);
        put("control", &exception.control);
        if let Some(until) = exception.until {
            put("until", &until.to_string());
        }
    }
    all
}

/// The figures of a section that differ, by id and group.
pub(super) fn figures(old: &Side<'_>, new: &Side<'_>, section: &SectionId) -> Vec<FigureChange> {
    let (before, after) = (of(old, section), of(new, section));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let (a, b) = (before.get(key).copied(), after.get(key).copied());
            let change = compare(a.map(facts), b.map(facts))?;
            let (figure, group) = key.clone();
            let verdict = verdict(old.chain, new.chain, section, &figure, a, b);
            Some(FigureChange { change, figure, group, new: b.map(facts), old: a.map(facts), verdict })
        })
        .collect()
}

type Key = (FigureId, Option<String>);

fn of<'s>(side: &'s Side<'_>, section: &SectionId) -> BTreeMap<Key, &'s Figure> {
    let all = side.package.figures.get(section).map_or(&[][..], Vec::as_slice);
    all.iter().map(|f| ((f.id.clone(), f.group.clone()), f)).collect()
}

/// Numbers are compared as written: `0.75` and `0.750` claim different precision.
fn facts(figure: &Figure) -> FigureFacts {
    FigureFacts {
        high: figure.high.as_ref().map(|d| d.as_str().to_owned()),
        low: figure.low.as_ref().map(|d| d.as_str().to_owned()),
        sample: figure.sample.clone(),
        source: figure.source.clone(),
        value: figure.value.as_str().to_owned(),
    }
}

fn verdict(
    old_chain: Option<&Chain>,
    new_chain: Option<&Chain>,
    section: &SectionId,
    figure: &FigureId,
    old: Option<&Figure>,
    new: Option<&Figure>,
) -> Option<Verdict> {
    let of = |chain: Option<&Chain>| -> Option<Threshold> {
        chain?.thresholds.iter().find(|t| t.section == *section && t.figure == *figure).cloned()
    };
    let (before, after) = (of(old_chain), of(new_chain));
    let met = |t: &Option<Threshold>, f: Option<&Figure>| Some(t.as_ref()?.met_by(&f?.value));
    Some(Verdict {
        bound: bound(after.as_ref().or(before.as_ref())?),
        new_met: met(&after, new),
        old_met: met(&before, old),
    })
}

impl Change {
    /// `+`, `-` or `~`.
    pub(super) fn sign(self) -> char {
        match self {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Modified => '~',
        }
    }
}
