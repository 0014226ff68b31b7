//! Why something cannot be done: nothing has been signed, why, what to do next.

use super::delta::Delta;
use super::sentence;
use crate::id::PackageId;
use crate::site::address;
use crate::site::render::View;
use crate::site::view::{Frame, Index, Link};
use crate::text::Sources;
use serde::Serialize;

/// A plain page instead of the one asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The package it is about, if one.
    pub package: Option<PackageId>,
    /// What happened, in one line.
    pub heading: String,
    /// Why.
    pub why: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
    /// Where to go on: address relative to the page, and words.
    pub links: Vec<(String, String)>,
    /// The change to show in full: between two revisions, or to the working copy.
    pub change: Option<(u32, Option<u32>)>,
}

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NoticeView {
    pub frame: Frame,
    pub heading: String,
    pub why: Vec<String>,
    pub next: Vec<String>,
    pub links: Vec<Link>,
    pub delta: Option<Delta>,
}

impl View for NoticeView {
    const TEMPLATE: &'static str = "agent-notice.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        self.delta.as_mut().is_none_or(|delta| delta.fill(sources))
    }
}

/// Names in place of the ids that the engine says; ids of one word are left, for they could be any word.
fn named(index: &Index<'_>, text: &str) -> String {
    let word = |word: &str| {
        let id = word.trim_end_matches(['.', ',', ';', ':']);
        let person = id.parse().ok().filter(|_| id.contains('-'));
        let person = person.and_then(|id| index.register.people.person(&id));
        person.map_or_else(|| word.to_owned(), |p| format!("{}{}", p.name, &word[id.len()..]))
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

pub(crate) fn page(index: &Index<'_>, notice: &Notice) -> NoticeView {
    let path = match &notice.package {
        Some(id) => address::ceremony(id, "notice.html"),
        None => address::awaiting(),
    };
    let mut frame = index.frame(&path, format!("Error: {}", notice.heading));
    let home = address::href(&path.root(), &address::awaiting(), "");
    frame.crumbs = vec![Link::new(home, "Your reviews")];
    if notice.package.is_some() {
        frame.crumbs.push(Link::new("index.html", "The package"));
    }
    let dossier = notice.package.as_ref().and_then(|id| index.register.packages.get(id));
    let change = dossier.zip(notice.change);
    NoticeView {
        delta: change.and_then(|(dossier, (from, to))| Delta::new(index, dossier, from, to)),
        heading: notice.heading.clone(),
        why: notice.why.iter().filter(|p| !p.is_empty()).map(|p| sentence(&named(index, p))).collect(),
        next: notice.next.iter().filter(|p| !p.is_empty()).map(|p| sentence(p)).collect(),
        links: notice.links.iter().map(|(href, text)| Link::new(href.clone(), text.clone())).collect(),
        frame,
    }
}
