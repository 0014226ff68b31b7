//! One section of a package page: criterion, figures, text, evidence, what was said.

use super::figures::Figures;
use super::files::{self, FileLink, Files};
use super::threads::{Said, Window};
use super::{Link, Tag, stepper};
use crate::chain::{Chain, Section};
use crate::id::{PackageId, SectionId};
use crate::package::{Link as Written, Package, SectionFacts};
use crate::site::address;
use crate::site::desk::SectionDesk;
use crate::site::markdown::{Prose, Target};
use crate::site::passages;
use crate::site::words;
use crate::text::RepoPath;
use serde::Serialize;
use std::collections::BTreeMap;

/// The largest SVG image that is put into a page; a larger one is linked.
const INLINE_LIMIT: u64 = 256 * 1024;

/// A section as its page shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SectionView {
    pub number: usize,
    pub anchor: String,
    pub title: String,
    pub criterion: String,
    pub cites: String,
    pub decided: String,
    pub tags: Vec<Tag>,
    pub figures: Option<Figures>,
    pub prose: Option<Prose>,
    pub evidence: Vec<FileLink>,
    pub said: Said,
    /// What a reviewer types to comment; empty where nobody can.
    pub command: String,
    /// What the reader may do, on the review pages.
    pub desk: Option<SectionDesk>,
    pub digest: String,
    /// For the list of sections: one line under the title, and its icon.
    pub rail: String,
    pub rail_icon: &'static str,
    pub rail_class: &'static str,
}

/// What all sections of one page share.
pub(crate) struct Around<'a> {
    pub window: Window<'a>,
    pub id: &'a PackageId,
    pub package: &'a Package,
    pub chain: &'a Chain,
    /// Revision shown; 0 for a draft.
    pub revision: u32,
    /// The revision before, to tell what changed.
    pub before: Option<&'a Package>,
    pub files: &'a Files<'a>,
    pub open_to_comments: bool,
}

impl Around<'_> {
    pub(crate) fn section(&self, number: usize, section: &Section) -> SectionView {
        let thresholds: Vec<_> = self.chain.thresholds_of(&section.id).collect();
        let figures = Figures::of(&section.id, &thresholds, self.package, self.files);
        let said = self.window.said(&section.id);
        let facts = self.package.sections.get(&section.id);
        let changed = self.changed(&section.id);
        let mut tags: Vec<Tag> = changed.iter().map(|(tag, _)| tag.clone()).collect();
        tags.extend(figures.as_ref().and_then(Figures::tag));
        if said.open > 0 {
            tags.push(Tag::new("warn", "speech", format!("{} open", words::count(said.open, "question"))));
        }
        let misses = figures.as_ref().map_or(0, |f| f.misses);
        let mut rail = Vec::new();
        if misses > 0 {
            rail.push(format!("{} not met", words::count(misses, "threshold")));
        }
        if said.open > 0 {
            rail.push(format!("{} open", words::count(said.open, "question")));
        }
        rail.extend(changed.map(|(_, words)| words.to_owned()));
        if facts.is_none() {
            tags.push(Tag::new("bad", "cross", "Missing"));
            rail.push("Missing".to_owned());
        }
        let steps = self.chain.steps_judging(&section.id);
        let steps: Vec<String> =
            steps.map(|s| format!("step {} ({})", stepper::number(self.chain, &s.id), s.title)).collect();
        if rail.is_empty() {
            let numbers: Vec<String> = self
                .chain
                .steps_judging(&section.id)
                .map(|s| stepper::number(self.chain, &s.id).to_string())
                .collect();
            let step = if numbers.len() == 1 { "step" } else { "steps" };
            rail.push(format!("Decided at {step} {}", words::list(&numbers)));
        }
        let (rail_icon, rail_class) = match () {
            () if facts.is_none() || misses > 0 => ("cross", "bad"),
            () if said.open > 0 => ("speech", "ask"),
            () => ("page", ""),
        };
        let reviewer = self.window.index.reviewer.filter(|_| self.open_to_comments);
        let desk = reviewer.map(|reviewer| {
            let lines = passages::lines(self.package, self.chain, &section.id).len();
            SectionDesk::new(reviewer, self.id, section, self.package, number, lines)
        });
        SectionView {
            number,
            anchor: address::section_anchor(&section.id),
            title: section.title.clone(),
            criterion: section.criterion.clone(),
            cites: words::list(&section.cites),
            decided: words::list(&steps),
            tags,
            figures,
            prose: facts.and_then(|f| self.prose(&section.id, &section.title, f)).map(|prose| Prose {
                points: desk.as_ref().map(|desk| (desk.point.clone(), desk.lines)),
                ..prose
            }),
            evidence: self.files.evidence(self.package, &section.id),
            command: if self.open_to_comments {
                format!("countersign comment {} {} \"…\"", self.id, section.id)
            } else {
                String::new()
            },
            desk,
            digest: words::grouped(&self.package.manifest.section_digest(&section.id)),
            rail: rail.join(". "),
            rail_icon,
            rail_class,
            said,
        }
    }

    fn changed(&self, section: &SectionId) -> Option<(Tag, &'static str)> {
        let before = self.before?;
        let old = self.revision.checked_sub(1)?;
        if before.manifest.section_digest(section) == self.package.manifest.section_digest(section) {
            return Some((
                Tag::new("quiet", "check", format!("Unchanged since revision {old}")),
                "Unchanged",
            ));
        }
        let to = address::diff(self.id, old, self.revision);
        let href = address::href(self.window.root, &to, &address::section_anchor(section));
        Some((Tag::new("info", "change", format!("What changed since revision {old}")).to(href), "Changed"))
    }

    fn prose(&self, section: &SectionId, title: &str, facts: &SectionFacts) -> Option<Prose> {
        let digest = self.files.entry(&facts.path)?.digest;
        let links = facts.links.iter().filter_map(|l| Some((l.target.clone(), self.target(section, l)?)));
        Some(Prose {
            source: files::source(self.id, self.revision, &facts.path)?,
            digest,
            prefix: address::section_anchor(section),
            title: title.to_owned(),
            links: links.collect::<BTreeMap<_, _>>(),
            points: None,
            html: None,
        })
    }

    /// Where a link leads: only to what the site has, or out by https and mailto.
    fn target(&self, section: &SectionId, link: &Written) -> Option<Target> {
        let href = |href: String| Some(Target::Href { href });
        let target = link.target.as_str();
        if !link.image && (target.starts_with("https://") || target.starts_with("mailto:")) {
            return href(target.to_owned());
        }
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        if let Some(rest) = path.strip_prefix("../") {
            return href(self.elsewhere(rest, heading)?);
        }
        if path.starts_with("evidence/") {
            return self.evidence(&path.parse().ok()?, link.image);
        }
        let there = if path.is_empty() { section.clone() } else { path.strip_suffix(".md")?.parse().ok()? };
        let anchor = anchor(self.chain, self.package, &there, heading)?;
        let mut out = String::new();
        out.push_str(&address::href("", &address::package(self.id), &anchor));
        href(out.split_once('#').map(|(_, a)| format!("#{a}"))?)
    }

    fn evidence(&self, path: &RepoPath, image: bool) -> Option<Target> {
        let file = self.files.entry(path)?;
        let svg = path.as_str().to_ascii_lowercase().ends_with(".svg");
        if image && svg {
            let source = files::source(self.id, self.revision, path)?;
            return (file.size <= INLINE_LIMIT).then_some(Target::Inline { digest: file.digest, source });
        }
        Some(Target::Href { href: self.files.link(path)?.href })
    }

    /// A section of another package: `other/section.md#heading`.
    fn elsewhere(&self, rest: &str, heading: &str) -> Option<String> {
        let (id, file) = rest.split_once('/')?;
        let id: PackageId = id.parse().ok()?;
        let other = self.window.index.register.packages.get(&id)?;
        let section: SectionId = file.strip_suffix(".md")?.parse().ok()?;
        let (package, chain) = match other.current() {
            Some(r) => (&r.package, Some(&r.chain)),
            None => (other.package.as_ref()?, other.chain.as_ref()),
        };
        let anchor = anchor(chain?, package, &section, heading)?;
        Some(address::href(self.window.root, &address::package(&id), &anchor))
    }
}

/// The anchor of a section or of a heading in it, if the page will have it.
fn anchor(chain: &Chain, package: &Package, section: &SectionId, heading: &str) -> Option<String> {
    chain.section(section)?;
    let facts = package.sections.get(section)?;
    match heading {
        "" => Some(address::section_anchor(section)),
        h => {
            facts.headings.iter().any(|known| known.anchor == h).then(|| address::heading_anchor(section, h))
        }
    }
}

/// A line of the list of sections.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RailItem {
    pub link: Link,
    pub number: usize,
    pub note: String,
    pub icon: &'static str,
    pub class: &'static str,
}

impl From<&SectionView> for RailItem {
    fn from(s: &SectionView) -> RailItem {
        RailItem {
            link: Link::new(format!("#{}", s.anchor), s.title.clone()),
            number: s.number,
            note: s.rail.clone(),
            icon: s.rail_icon,
            class: s.rail_class,
        }
    }
}
