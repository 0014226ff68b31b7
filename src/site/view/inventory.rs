//! The inventory: was this model approved? One row a package, narrowed by state on pages of their own.

use super::{Frame, Index, Link, Tag};
use crate::dossier::{Dossier, Working};
use crate::engine::{PackageState, StepState};
use crate::id::PersonId;
use crate::site::address::{self, INVENTORY_PAGE, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct InventoryView {
    pub frame: Frame,
    pub heading: String,
    pub lede: String,
    pub facets: Vec<Facet>,
    /// Where the owners are listed: with many owners, no list of packages holds them all.
    pub owners: Link,
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
    pub owner: Option<Link>,
}

impl View for InventoryView {
    const TEMPLATE: &'static str = "inventory.html";
}

/// The state the register shows: a break outweighs everything else.
pub(crate) fn state_of(index: &Index<'_>, dossier: &Dossier) -> PackageState {
    if index.breaks(dossier).is_empty() { dossier.outcome.state } else { PackageState::IntegrityError }
}

/// Which packages a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shelf {
    All,
    State(PackageState),
    Owner(PersonId),
}

impl Shelf {
    /// The address of one of its pages.
    pub(crate) fn page(&self, number: usize) -> SitePath {
        match self {
            Shelf::All => address::inventory(None, number),
            Shelf::State(state) => address::inventory(Some(words::state(*state).slug), number),
            Shelf::Owner(id) => address::owned(id, number),
        }
    }
}

/// The packages of the register by state and by owner, each list in order of id.
pub(crate) struct Shelves<'a> {
    pub all: Vec<&'a Dossier>,
    pub by_state: Vec<(PackageState, Vec<&'a Dossier>)>,
    pub by_owner: BTreeMap<&'a PersonId, Vec<&'a Dossier>>,
}

impl<'a> Shelves<'a> {
    pub(crate) fn new(index: &Index<'a>) -> Shelves<'a> {
        let all: Vec<&Dossier> = index.register.packages.values().collect();
        let mut by_state: Vec<(PackageState, Vec<&Dossier>)> = words::STATES.map(|s| (s, Vec::new())).into();
        let mut by_owner: BTreeMap<&PersonId, Vec<&Dossier>> = BTreeMap::new();
        for dossier in &all {
            if let Some(owner) = owner(dossier) {
                by_owner.entry(owner).or_default().push(dossier);
            }
            let state = state_of(index, dossier);
            if let Some((_, list)) = by_state.iter_mut().find(|(s, _)| *s == state) {
                list.push(dossier);
            }
        }
        by_state.retain(|(_, list)| !list.is_empty());
        Shelves { all, by_state, by_owner }
    }

    /// The packages of a list.
    pub(crate) fn list(&self, shelf: &Shelf) -> &[&'a Dossier] {
        match shelf {
            Shelf::All => &self.all,
            Shelf::State(state) => {
                self.by_state.iter().find(|(s, _)| s == state).map_or(&[][..], |(_, list)| list)
            }
            Shelf::Owner(id) => self.by_owner.get(id).map_or(&[][..], Vec::as_slice),
        }
    }

    /// Every list that is not empty, and the whole one.
    pub(crate) fn shelves(&self) -> Vec<Shelf> {
        let states = self.by_state.iter().map(|(state, _)| Shelf::State(*state));
        let owners = self.by_owner.keys().map(|id| Shelf::Owner((*id).clone()));
        [Shelf::All].into_iter().chain(states).chain(owners).collect()
    }
}

/// What a package is called in a list.
pub(crate) fn title(dossier: &Dossier) -> String {
    let package = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref());
    package.map_or_else(
        || dossier.id.to_string(),
        |p| format!("{}, version {}", p.meta.title, p.meta.model.version),
    )
}

/// Who owns a package: by its current revision, else by its draft.
fn owner(dossier: &Dossier) -> Option<&PersonId> {
    let package = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref());
    package.map(|p| &p.meta.owner)
}

/// One page of a list.
pub(crate) fn page(
    index: &Index<'_>,
    shelves: &Shelves<'_>,
    path: &SitePath,
    shelf: &Shelf,
    number: usize,
) -> InventoryView {
    let list = shelves.list(shelf);
    let (from, to) = (number * INVENTORY_PAGE, ((number + 1) * INVENTORY_PAGE).min(list.len()));
    let root = path.root();
    let narrowed = match shelf {
        Shelf::All => String::new(),
        Shelf::State(state) => format!(": {}", words::state(*state).word),
        Shelf::Owner(id) => format!(": owned by {}", index.name(id)),
    };
    let turned = if number == 0 { String::new() } else { format!(", page {}", number + 1) };
    let mut frame = index.frame(path, format!("Models{narrowed}{turned}"));
    frame.here = "home";
    frame.printed = format!("countersign \u{b7} {} \u{b7} models{narrowed}{turned}", index.register.name);
    let link = |shelf: &Shelf, n| address::href(&root, &shelf.page(n), "");
    let mut facets = vec![Facet {
        link: Link::new(link(&Shelf::All, 0), "All"),
        current: *shelf == Shelf::All,
        count: shelves.all.len(),
    }];
    for (state, list) in &shelves.by_state {
        let of_state = Shelf::State(*state);
        facets.push(Facet {
            link: Link::new(link(&of_state, 0), words::state(*state).word),
            current: *shelf == of_state,
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
        lede: match shelf {
            Shelf::Owner(id) => format!(
                "Every model version owned by {}, with the outcome its signed records add up to.",
                index.name(id)
            ),
            _ => format!(
                "Every model version under review in {}, with the outcome its signed records add up to.",
                index.register.name
            ),
        },
        facets,
        owners: Link::new(address::href(&root, &address::owners(), ""), "By owner"),
        rows: list.get(from..to).unwrap_or_default().iter().map(|d| row(index, d, &root)).collect(),
        caption,
        pages: numbers
            .map(|n| Facet {
                link: Link::new(link(shelf, n), (n + 1).to_string()),
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
    let title = title(dossier);
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
        owner: owner(dossier).map(|id| {
            let to = Shelf::Owner(id.clone()).page(0);
            Link::new(address::href(root, &to, ""), index.name(id))
        }),
    }
}

/// The owners with how many packages each has.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OwnersView {
    pub frame: Frame,
    pub owners: Vec<Facet>,
}

impl View for OwnersView {
    const TEMPLATE: &'static str = "owners.html";
}

/// The page that lists the owners.
pub(crate) fn owners(index: &Index<'_>, shelves: &Shelves<'_>, path: &SitePath) -> OwnersView {
    let mut frame = index.frame(path, "Models by owner".to_owned());
    frame.here = "home";
    frame.crumbs = vec![Link::new(frame.home.clone(), "All models")];
    frame.printed = format!("countersign \u{b7} {} \u{b7} models by owner", index.register.name);
    let owners = shelves.by_owner.iter().map(|(id, list)| Facet {
        link: Link::new(
            address::href(&path.root(), &Shelf::Owner((*id).clone()).page(0), ""),
            index.name(id),
        ),
        current: false,
        count: list.len(),
    });
    OwnersView { owners: owners.collect(), frame }
}
