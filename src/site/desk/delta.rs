//! Exactly what changed, as part of a page on which something is decided about it.

use super::package::eyebrow;
use crate::dossier::Dossier;
use crate::engine::Revision;
use crate::id::PackageId;
use crate::site::address;
use crate::site::redline::Pair;
use crate::site::render::View;
use crate::site::view::diff::{self, Change, SectionDiff};
use crate::site::view::{Frame, Index, Link};
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;
use std::sync::Arc;

/// The changes between two revisions, or from the current one to the working copy.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delta {
    pub heading: String,
    pub summary: String,
    pub fields: Vec<Change>,
    pub sections: Vec<SectionDiff>,
    pub unchanged: Vec<String>,
    #[serde(skip)]
    pair: Option<Pair>,
}

impl Delta {
    /// From a revision to another, or to the working copy.
    pub(crate) fn new(index: &Index<'_>, dossier: &Dossier, from: u32, to: Option<u32>) -> Option<Delta> {
        let find = |n: u32| dossier.revisions.iter().find(|r| r.number == n);
        let old = find(from)?;
        let draft;
        let new = match to {
            Some(n) => find(n)?,
            None => {
                let (package, chain) =
                    (Arc::clone(dossier.package.as_ref()?), Arc::clone(dossier.chain.as_ref()?));
                draft = Revision { number: dossier.outcome.revision + 1, package, chain };
                &draft
            }
        };
        let path = address::ceremony(&dossier.id, "changes.html");
        let mut view = diff::page(index, dossier, &path, old, new);
        let pair = match to {
            Some(_) => view.pair.take(),
            None => Pair::working(&dossier.id, old, new),
        };
        for text in view.sections.iter_mut().filter_map(|s| s.text.as_mut()).filter(|_| to.is_none()) {
            // Nothing shows the working copy yet.
            text.whole = None;
        }
        let all = view.sections.len() + view.unchanged.len();
        let heading = match to {
            Some(to) => format!("What changed from revision {from} to revision {to}"),
            None => format!("What changed since revision {from}"),
        };
        let mut summary = format!("{} of {} changed.", view.sections.len(), words::count(all, "section"));
        if !view.fields.is_empty() {
            let fields = words::count(view.fields.len(), "field");
            summary.push_str(&format!(" {fields} of package.toml changed."));
        }
        if old.chain.digest != new.chain.digest {
            summary.push_str(" The approval chain changed too.");
        }
        Some(Delta {
            heading,
            summary,
            fields: view.fields,
            sections: view.sections,
            unchanged: view.unchanged,
            pair,
        })
    }

    /// Compares the texts, so that the words can be shown.
    pub(crate) fn fill(&mut self, sources: &dyn Sources) -> bool {
        diff::compare(self.pair.as_ref(), &mut self.sections, sources)
    }
}

/// Where the change from a revision to the current one is shown.
pub(crate) fn page_of(from: u32, to: u32) -> String {
    if from + 1 == to { format!("diff-{from}-{to}.html") } else { format!("changes.html?from={from}") }
}

/// A page that shows one change and leads back to the decision.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangesView {
    pub frame: Frame,
    pub eyebrow: String,
    pub delta: Delta,
    pub links: Vec<Link>,
}

impl View for ChangesView {
    const TEMPLATE: &'static str = "agent-changes.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        self.delta.fill(sources)
    }
}

pub(crate) fn page(index: &Index<'_>, id: &PackageId, from: u32) -> Option<ChangesView> {
    let dossier = index.register.packages.get(id)?;
    let now = dossier.current()?.number;
    let delta = Delta::new(index, dossier, from, Some(now)).filter(|_| from < now)?;
    let path = address::ceremony(id, "changes.html");
    let mut frame = index.frame(&path, format!("{}: {}", delta.heading, eyebrow(dossier)));
    frame.crumbs = vec![Link::new("index.html", "Back to the package")];
    let links = vec![
        Link::new("index.html#decide", "Go on to your decision"),
        Link::new("history.html", "All revisions and what was said about them"),
    ];
    Some(ChangesView { eyebrow: eyebrow(dossier), delta, links, frame })
}
