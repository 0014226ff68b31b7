//! The inventory: was this model approved? One row a package, narrowed by state on pages of their own.

use super::{Frame, Index, Link, Tag};
use crate::dossier::{Dossier, Working};
use crate::engine::{PackageState, StepState};
use crate::site::address::{self, INVENTORY_PAGE, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InventoryView {
    pub frame: Frame,
    pub heading: String,
    pub lede: String,
    pub facets: Vec<Facet>,
    pub rows: Vec<Row>,
    pub caption: String,
    pub pages: Vec<Facet>,
}

/// A link that narrows or turns the list; the current one has no link.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Facet {
    pub link: Link,
    pub current: bool,
    pub count: usize,
}

/// One package.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub link: Link,
    pub id: String,
    pub model: String,
    pub state: Tag,
    /// What does not hold, in words.
    pub invalid: String,
    /// That the files changed since, or that a newer revision is not covered.
    pub note: String,
    pub record: Option<Link>,
    pub review_by: String,
    pub owner: String,
}

impl View for InventoryView {
    const TEMPLATE: &'static str = "inventory.html";
}

/// The state the register shows: a break outweighs everything else.
pub(crate) fn state_of(index: &Index<'_>, dossier: &Dossier) -> PackageState {
    if index.breaks(dossier).is_empty() { dossier.outcome.state } else { PackageState::IntegrityError }
}

/// The packages of the register by state, each list in order of id.
pub(crate) struct Shelves<'a> {
    pub all: Vec<&'a Dossier>,
    pub by_state: Vec<(PackageState, Vec<&'a Dossier>)>,
}

impl<'a> Shelves<'a> {
    pub(crate) fn new(index: &Index<'a>) -> Shelves<'a> {
        let all: Vec<&Dossier> = index.register.packages.values().collect();
        let mut by_state: Vec<(PackageState, Vec<&Dossier>)> = words::STATES.map(|s| (s, Vec::new())).into();
        for dossier in &all {
            let state = state_of(index, dossier);
            if let Some((_, list)) = by_state.iter_mut().find(|(s, _)| *s == state) {
                list.push(dossier);
            }
        }
        by_state.retain(|(_, list)| !list.is_empty());
        Shelves { all, by_state }
    }
}

/// One page of the list, of one state or of all.
pub(crate) fn page(
    index: &Index<'_>,
    shelves: &Shelves<'_>,
    path: &SitePath,
    only: Option<PackageState>,
    number: usize,
) -> InventoryView {
    let facet = only.map(|s| words::state(s).slug);
    let list = match only {
        None => &shelves.all,
        Some(state) => {
            shelves.by_state.iter().find(|(s, _)| *s == state).map_or(&shelves.all, |(_, list)| list)
        }
    };
    let (from, to) = (number * INVENTORY_PAGE, ((number + 1) * INVENTORY_PAGE).min(list.len()));
    let root = path.root();
    let narrowed = only.map_or(String::new(), |s| format!(": {}", words::state(s).word));
    let turned = if number == 0 { String::new() } else { format!(", page {}", number + 1) };
    let mut frame = index.frame(path, format!("Models{narrowed}{turned}"));
    frame.here = "home";
    frame.printed = format!("countersign \u{b7} {} \u{b7} models{narrowed}{turned}", index.register.name);
    let link = |facet, n| address::href(&root, &address::inventory(facet, n), "");
    let mut facets = vec![Facet {
        link: Link::new(link(None, 0), "All"),
        current: only.is_none(),
        count: shelves.all.len(),
    }];
    for (state, list) in &shelves.by_state {
        let words = words::state(*state);
        facets.push(Facet {
            link: Link::new(link(Some(words.slug), 0), words.word),
            current: only == Some(*state),
            count: list.len(),
        });
    }
    let pages = list.len().div_ceil(INVENTORY_PAGE);
    let pages = if pages < 2 { 0 } else { pages };
    let numbers = (0..pages).filter(|n| n.abs_diff(number) <= 3 || *n == 0 || n + 1 == pages);
    let caption = match to.saturating_sub(from) {
        0 => "No package".to_owned(),
        _ if pages == 0 => words::count(list.len(), "package"),
        _ => format!("Packages {} to {to} of {}", from + 1, list.len()),
    };
    InventoryView {
        heading: "Was this model approved?".to_owned(),
        lede: format!(
            "Every model version under review in {}, with the outcome its signed records add up to.",
            index.register.name
        ),
        facets,
        rows: list.get(from..to).unwrap_or_default().iter().map(|d| row(index, d, &root)).collect(),
        caption,
        pages: numbers
            .map(|n| Facet {
                link: Link::new(link(facet, n), (n + 1).to_string()),
                current: n == number,
                count: 0,
            })
            .collect(),
        frame,
    }
}

fn row(index: &Index<'_>, dossier: &Dossier, root: &str) -> Row {
    let package = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref());
    let state = state_of(index, dossier);
    let title = package.map_or_else(
        || dossier.id.to_string(),
        |p| format!("{}, version {}", p.meta.title, p.meta.model.version),
    );
    let certificate = dossier.outcome.certificate.as_ref();
    let mut tag = Tag::state(state);
    if state == PackageState::Certified && !dossier.outcome.conditions.is_empty() {
        tag.text = "Certified, with conditions".to_owned();
    }
    let broken = index.breaks(dossier);
    let invalid = match broken.first() {
        None => String::new(),
        Some(b) if b.package.is_some() => format!("Signature does not match this package: {}", b.path),
        Some(b) => format!("The ledger does not hold: {}", b.path),
    };
    let mut notes = Vec::new();
    if matches!(dossier.working, Working::Unsubmitted { .. }) {
        notes.push(format!("Files changed after revision {}", dossier.outcome.revision));
    }
    let outcome = &dossier.outcome;
    if outcome.steps.iter().any(|s| s.state == StepState::Overridden) {
        notes.push("A step was set aside, not approved".to_owned());
    }
    if outcome.steps.iter().any(|s| s.overdue) || outcome.conditions.iter().any(|c| c.overdue) {
        notes.push("Overdue".to_owned());
    }
    if let Some(c) = certificate.filter(|c| c.revision < outcome.revision) {
        notes.push(format!("The certificate is for revision {}", c.revision));
    }
    let note = notes.join(". ");
    Row {
        note,
        link: Link::new(address::href(root, &address::package(&dossier.id), ""), title),
        id: dossier.id.to_string(),
        model: package.map_or(String::new(), |p| format!("{} {}", p.meta.model.name, p.meta.model.version)),
        state: tag,
        invalid,
        record: certificate.map(|c| {
            Link::new(address::href(root, &address::certificate(&dossier.id), ""), words::ends(&c.record))
        }),
        review_by: certificate.and_then(|c| c.review_by).map_or(String::new(), |d| d.human()),
        owner: package.map_or(String::new(), |p| index.name(&p.meta.owner)),
    }
}
