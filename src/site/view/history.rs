//! The history of a package over all its revisions: what happened, who did it, when.

use super::decisions;
use super::drawing::{self, Bars, Span};
use super::panels::sentence;
use super::{Banner, EntryLink, Frame, Index, Link, Signature, Tag, invalid};
use crate::dossier::Dossier;
use crate::engine::PackageState;
use crate::record::Body;
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HistoryView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub lede: String,
    pub banners: Vec<Banner>,
    pub picture: Option<Bars>,
    pub rounds: Vec<RoundView>,
}

/// One revision with everything recorded on it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RoundView {
    pub title: String,
    pub links: Vec<Link>,
    pub events: Vec<Event>,
}

/// One record as a line of a timeline.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub kind: Tag,
    pub what: String,
    pub by: Signature,
    /// What became of the record, unless it simply counts.
    pub fate: String,
    pub note: String,
    /// Its own words, for kinds that give a reason.
    pub reason: String,
    pub entry: EntryLink,
}

impl View for HistoryView {
    const TEMPLATE: &'static str = "history.html";
}

/// The history page.
pub(crate) fn page(index: &Index<'_>, dossier: &Dossier, path: &SitePath) -> HistoryView {
    let root = path.root();
    let package = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref());
    let title = package
        .map_or(dossier.id.to_string(), |p| format!("{}, version {}", p.meta.title, p.meta.model.version));
    let mut frame = index.frame(path, format!("History: {title}"));
    let to = address::href(&root, &address::package(&dossier.id), "");
    frame.crumbs = vec![Link::new(frame.home.clone(), "All models"), Link::new(to, title.clone())];
    frame.printed = format!("countersign \u{b7} history of {}", dossier.id);
    frame.footer = vec![format!("Package {}", dossier.id)];
    let fates: BTreeMap<_, _> = dossier.outcome.fates.iter().map(|f| (f.id, f)).collect();
    let mut by_revision: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    for entry in index.entries_of(dossier) {
        let record = entry.record();
        let fate = fates.get(&entry.id());
        let (tone, icon, word) = match &record.body {
            Body::Decide(d) => {
                let (word, tone, icon) = words::decision(d.decision, 0);
                (tone, icon, word)
            }
            body if decisions::said(body).is_some_and(|(_, tone, _)| tone == "bad") => {
                let (word, icon) = words::kind(body.kind());
                ("bad", icon, word.to_owned())
            }
            body => {
                let (word, icon) = words::kind(body.kind());
                ("quiet", icon, word.to_owned())
            }
        };
        let note = fate.and_then(|f| words::fate(f.code).map(|_| sentence(&f.note)));
        by_revision.entry(record.revision().unwrap_or(0)).or_default().push(Event {
            kind: Tag::new(tone, icon, word),
            what: index.event(record),
            by: Signature::new(&root, entry),
            fate: fate.and_then(|f| words::fate(f.code)).unwrap_or_default().to_owned(),
            note: note.unwrap_or_default(),
            reason: record.body.reason().unwrap_or_default().to_owned(),
            entry: EntryLink::new(&root, entry),
        });
    }
    let current = dossier.current().map(|r| r.number);
    let rounds = by_revision.into_iter().map(|(n, events)| RoundView {
        title: format!("Revision {n}"),
        links: links(dossier, &root, n, current),
        events,
    });
    HistoryView {
        eyebrow: format!("History of package {}", dossier.id),
        heading: title,
        lede: lede(dossier),
        banners: invalid(index, &root, dossier).into_iter().collect(),
        picture: picture(index, dossier),
        rounds: rounds.collect(),
        frame,
    }
}

/// The rounds in time: from each submission to what ended it.
fn picture(index: &Index<'_>, dossier: &Dossier) -> Option<Bars> {
    let outcome = &dossier.outcome;
    let day = |id| index.entry(id).map(|e: &crate::record::Entry| e.record().signed_at.date());
    let mut spans = Vec::new();
    for (at, round) in outcome.rounds.iter().enumerate() {
        let from = day(&round.submission)?;
        let next = outcome.rounds.get(at + 1);
        let certificate = outcome.certificate.as_ref().filter(|c| c.revision == round.revision);
        let rejected = round.rejections.first().and_then(day);
        let (to, what, class, icon) = match (rejected, certificate, next) {
            (Some(day), None, _) => (day, "rejected", "bad", "cross"),
            (_, Some(c), _) if c.revoked.is_some() => {
                (c.at.date(), "certified, later revoked", "bad", "cross")
            }
            (_, Some(c), _) => (c.at.date(), "certified", "ok", "check"),
            (None, None, Some(next)) => (day(&next.submission)?, "a new revision", "plain", "change"),
            (None, None, None) => {
                let last = index.entries_of(dossier).last()?.record().signed_at.date();
                (last.max(from), outcome.state.words(), "plain", "clock")
            }
        };
        spans.push(Span {
            label: format!("Revision {}: {what}", round.revision),
            end: words::count(
                usize::try_from(1 + (to.start().seconds() - from.start().seconds()) / 86_400).unwrap_or(1),
                "day",
            ),
            from,
            to,
            class,
            icon,
        });
    }
    drawing::rounds(&spans)
}

fn links(dossier: &Dossier, root: &str, n: u32, current: Option<u32>) -> Vec<Link> {
    let mut out = Vec::new();
    if !dossier.revisions.iter().any(|r| r.number == n) {
        return out;
    }
    let page =
        if Some(n) == current { address::package(&dossier.id) } else { address::round(&dossier.id, n) };
    out.push(Link::new(address::href(root, &page, ""), format!("Read revision {n}")));
    if n > 1 && dossier.revisions.iter().any(|r| r.number == n - 1) {
        let to = address::href(root, &address::diff(&dossier.id, n - 1, n), "");
        out.push(Link::new(to, format!("What changed since revision {}", n - 1)));
    }
    if dossier.outcome.certificate.as_ref().is_some_and(|c| c.revision == n) {
        out.push(Link::new(address::href(root, &address::certificate(&dossier.id), ""), "Certificate"));
    }
    out
}

/// The neutral fact: several rounds are evidence of a review, not a mark against a model.
fn lede(dossier: &Dossier) -> String {
    let outcome = &dossier.outcome;
    let rejections: usize = outcome.rounds.iter().map(|r| r.rejections.len()).sum();
    let after = match rejections {
        0 => String::new(),
        n => format!(" after {}", words::count(n, "rejection")),
    };
    match outcome.state {
        PackageState::Certified | PackageState::Approved | PackageState::ApprovedWithConditions => {
            let terms = if outcome.conditions.is_empty() { "" } else { " with conditions" };
            format!("Approved{terms} at revision {}{after}.", outcome.revision)
        }
        state => format!("{}: revision {}{after}.", words::state(state).word, outcome.revision),
    }
}
