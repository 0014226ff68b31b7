//! Which pages there are, in units that can be made at the same time.

use super::address::{self, INVENTORY_PAGE, LEDGER_PAGE, SitePath};
use super::assets::Assets;
use super::markdown::exact;
use super::render::{PageKey, Press, SiteError};
use super::search::{self, Layout};
use super::view::export::Paper;
use super::view::finder::Words;
use super::view::inventory::{Shelf, Shelves};
use super::view::{self, Index};
use crate::chain::Chain;
use crate::digest::sha256;
use crate::dossier::Dossier;
use crate::engine::Revision;
use crate::export::SCHEMA;
use crate::id::PackageId;
use crate::package::Package;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One unit of work.
pub(crate) enum Job<'a> {
    /// The pages of one package, without the search.
    Package(&'a Dossier),
    /// The pages of the packages of one group, and what finds them.
    Group(Layout, usize, Vec<&'a Dossier>),
    Search(Layout),
    SearchPages,
    Inventory(Arc<Shelves<'a>>, Shelf, usize),
    Owners(Arc<Shelves<'a>>),
    /// The front page of the index of words, or one of its pages.
    Words(Arc<Words<'a>>, Option<String>),
    Chain(&'a Chain),
    Ledger,
    Segment(u64),
    People,
    Help,
    /// The JSON Schema of the exports.
    Schema,
    Static(String),
}

type Made = Result<Vec<(SitePath, PageKey)>, SiteError>;

/// All units of a site.
pub(crate) fn list<'a>(index: &Index<'a>, assets: &Assets) -> Vec<Job<'a>> {
    let shelves = Arc::new(Shelves::new(index));
    let layout = Layout::new(index.register.packages.len());
    let mut jobs = groups(index, layout);
    let pages = |n: usize| n.div_ceil(INVENTORY_PAGE).max(1);
    for shelf in shelves.shelves() {
        let pages = pages(shelves.list(&shelf).len());
        jobs.extend((0..pages).map(|n| Job::Inventory(Arc::clone(&shelves), shelf.clone(), n)));
    }
    jobs.push(Job::Owners(shelves));
    jobs.extend(finder(index));
    jobs.extend(index.register.chains.values().map(|c| Job::Chain(c)));
    let entries = index.register.ledger.entries.len() as u64;
    jobs.extend((0..entries.div_ceil(LEDGER_PAGE)).map(|n| Job::Segment(n * LEDGER_PAGE)));
    jobs.extend([Job::Ledger, Job::People, Job::Help, Job::Schema]);
    jobs.extend([Job::Search(layout), Job::SearchPages]);
    jobs.extend(assets.statics().map(|(name, _)| Job::Static(name.to_owned())));
    jobs
}

/// The packages, spread over the groups of the search.
fn groups<'a>(index: &Index<'a>, layout: Layout) -> Vec<Job<'a>> {
    let mut groups = vec![Vec::new(); layout.groups];
    for dossier in index.register.packages.values() {
        groups[layout.group(&dossier.id)].push(dossier);
    }
    let numbered = groups.into_iter().enumerate();
    numbered.map(|(number, members)| Job::Group(layout, number, members)).collect()
}

/// The units of the index of words.
fn finder<'a>(index: &Index<'a>) -> Vec<Job<'a>> {
    let words = Arc::new(Words::new(index));
    let pages: Vec<Option<String>> =
        [None].into_iter().chain(words.beginnings().cloned().map(Some)).collect();
    pages.into_iter().map(|page| Job::Words(Arc::clone(&words), page)).collect()
}

/// The units that show most of one package: its own pages, and the pages of the inventory it stands on.
pub(crate) fn about<'a>(index: &Index<'a>, id: &PackageId) -> Vec<Job<'a>> {
    let shelves = Arc::new(Shelves::new(index));
    let page = |list: &[&Dossier]| Some(list.binary_search_by(|d| d.id.cmp(id)).ok()? / INVENTORY_PAGE);
    let on: Vec<(Shelf, usize)> = shelves
        .shelves()
        .into_iter()
        .filter_map(|shelf| page(shelves.list(&shelf)).map(|n| (shelf, n)))
        .collect();
    let pages = on.into_iter().map(|(shelf, n)| Job::Inventory(Arc::clone(&shelves), shelf, n));
    index.register.packages.get(id).map(Job::Package).into_iter().chain(pages).collect()
}

/// The unit that makes the file at an address, if one does.
pub(crate) fn at<'a>(index: &Index<'a>, assets: &Assets, path: &str) -> Option<Job<'a>> {
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    match folder {
        "packages" => {
            let id: PackageId = rest.split('/').next()?.parse().ok()?;
            index.register.packages.get(&id).map(Job::Package)
        }
        "chains" => {
            let id = rest.strip_suffix(".html")?.parse().ok()?;
            index.register.chains.get(&id).map(|chain| Job::Chain(chain))
        }
        "ledger" if rest == "index.html" => Some(Job::Ledger),
        "ledger" => Some(Job::Segment(rest.strip_suffix(".html")?.parse().ok()?))
            .filter(|job| matches!(job, Job::Segment(n) if *n < index.register.ledger.entries.len() as u64)),
        "static" => {
            let mut names = assets.statics().map(|(name, _)| name);
            names.find(|name| assets.published(name) == rest).map(|name| Job::Static(name.to_owned()))
        }
        "" if rest == "people.html" => Some(Job::People),
        "" if rest == "help.html" => Some(Job::Help),
        "" if path == address::schema().as_str() => Some(Job::Schema),
        "find" => finder(index).into_iter().find(
            |job| matches!(job, Job::Words(_, page) if address::find(page.as_deref()).as_str() == path),
        ),
        "" | "owners" => list(index, assets).into_iter().find(|job| match job {
            Job::Inventory(_, shelf, n) => shelf.page(*n).as_str() == path,
            Job::Owners(_) => address::owners().as_str() == path,
            _ => false,
        }),
        _ => None,
    }
}

/// Makes the pages of one unit.
pub(crate) fn run(job: &Job<'_>, index: &Index<'_>, assets: &Assets, press: &Press<'_>) -> Made {
    let one = |made| Ok(vec![made?]);
    match job {
        Job::Package(dossier) => package(dossier, index, press),
        Job::Group(layout, number, members) => {
            let made: Vec<_> =
                members.par_iter().map(|d| package(d, index, press)).collect::<Result<_, _>>()?;
            // The first of a package's pages is the one that shows it as it stands.
            let keys = made.iter().filter_map(|made| Some(made.first()?.1.clone()));
            let pages: Vec<_> = members.iter().copied().zip(keys).collect();
            let mut made = made.concat();
            search::group(*layout, *number, &pages, index, press, &mut made)?;
            Ok(made)
        }
        Job::Search(layout) => {
            let path = address::search();
            let view = view::search::page(index, &path, *layout);
            one(press.page(path, view))
        }
        Job::SearchPages => {
            let bytes = search::pages(index);
            one(press.file(address::search_pages(), &sha256(&bytes), |_| Ok(bytes)))
        }
        Job::Inventory(shelves, shelf, number) => {
            let path = shelf.page(*number);
            let view = view::inventory::page(index, shelves, &path, shelf, *number);
            one(press.page(path, view))
        }
        Job::Words(words, page) => {
            let path = address::find(page.as_deref());
            let view = match page {
                None => view::finder::front(index, words, &path),
                Some(beginning) => view::finder::page(index, words, &path, beginning),
            };
            one(press.page(path, view))
        }
        Job::Owners(shelves) => {
            let path = address::owners();
            let view = view::inventory::owners(index, shelves, &path);
            one(press.page(path, view))
        }
        Job::Chain(chain) => {
            let path = address::chain(&chain.id);
            let view = view::chain::page(index, chain, &path);
            one(press.page(path, view))
        }
        Job::Ledger => {
            let path = address::ledger();
            let view = view::ledger::front(index, &path);
            one(press.page(path, view))
        }
        Job::Segment(from) => {
            let path = address::segment(*from);
            let view = view::ledger::segment(index, &path, *from);
            one(press.page(path, view))
        }
        Job::People => {
            let path = address::people();
            let view = view::people::page(index, &path);
            one(press.page(path, view))
        }
        Job::Help => {
            let path = address::help();
            let view = view::help::page(index, &path);
            one(press.page(path, view))
        }
        Job::Schema => {
            one(press.file(address::schema(), &sha256(SCHEMA.as_bytes()), |_| Ok(SCHEMA.as_bytes().to_vec())))
        }
        Job::Static(name) => {
            let bytes = assets.statics().find(|(n, _)| n == name).map_or(&[][..], |(_, bytes)| bytes);
            one(press.file(address::asset(&assets.published(name)), &sha256(bytes), |_| Ok(bytes.to_vec())))
        }
    }
}

/// All pages of one package, and its evidence.
fn package(dossier: &Dossier, index: &Index<'_>, press: &Press<'_>) -> Made {
    let id = &dossier.id;
    let mut made = Vec::new();
    let path = address::package(id);
    let view = view::package::now(index, dossier, &path);
    made.push(press.page(path, view)?);
    if let Some((_, earlier)) = dossier.revisions.split_last() {
        for revision in earlier {
            let path = address::round(id, revision.number);
            let view = view::package::round(index, dossier, &path, revision);
            made.push(press.page(path, view)?);
        }
        for (old, new) in pairs(dossier) {
            let path = address::diff(id, old.number, new.number);
            let view = view::diff::page(index, dossier, &path, old, new);
            made.push(press.page(path, view)?);
        }
        let path = address::history(id);
        let view = view::history::page(index, dossier, &path);
        made.push(press.page(path, view)?);
    }
    let path = address::certificate(id);
    if let Some(view) = view::certificate::page(index, dossier, &path) {
        made.push(press.page(path, view)?);
        export(dossier, index, press, &mut made)?;
    }
    let mut seen = BTreeSet::new();
    for revision in &dossier.revisions {
        evidence(dossier, &revision.package, revision.number, press, &mut seen, &mut made)?;
    }
    if let (true, Some(draft)) = (dossier.revisions.is_empty(), &dossier.package) {
        evidence(dossier, draft, 0, press, &mut seen, &mut made)?;
    }
    Ok(made)
}

/// The page of the export, and the document if there is one to give: what `countersign export` writes, byte
/// for byte.
fn export(
    dossier: &Dossier,
    index: &Index<'_>,
    press: &Press<'_>,
    made: &mut Vec<(SitePath, PageKey)>,
) -> Result<(), SiteError> {
    let id = &dossier.id;
    let paper = index.exporter.document(id).map(Paper::new);
    let path = address::export(id);
    if let Some(view) = view::export::page(index, dossier, &path, paper.as_ref()) {
        made.push(press.page(path, view)?);
    }
    if let Ok(paper) = &paper {
        let path = address::document(id, paper.document.head.package.revision);
        made.push(press.file(path, &paper.document.key(), |_| Ok(paper.bytes().to_vec()))?);
    }
    Ok(())
}

/// Revisions to compare: each with the one before, and those somebody must read from farther back.
fn pairs(dossier: &Dossier) -> Vec<(&Revision, &Revision)> {
    let near = dossier.revisions.windows(2).map(|pair| (pair[0].number, pair[1].number));
    let far = dossier.outcome.advice.iter().filter_map(|a| a.read);
    let all: BTreeSet<(u32, u32)> = near.chain(far).collect();
    let find = |n: u32| dossier.revisions.iter().find(|r| r.number == n);
    all.into_iter().filter(|(a, b)| a < b).filter_map(|(a, b)| Some((find(a)?, find(b)?))).collect()
}

fn evidence(
    dossier: &Dossier,
    package: &Package,
    revision: u32,
    press: &Press<'_>,
    seen: &mut BTreeSet<SitePath>,
    made: &mut Vec<(SitePath, PageKey)>,
) -> Result<(), SiteError> {
    for file in package.manifest.files.iter().filter(|f| view::files::published(f)) {
        let path = address::evidence(&dossier.id, &file.digest, &file.path);
        if !seen.insert(path.clone()) {
            continue;
        }
        made.push(press.file(path, &file.digest.0, |sources| {
            let source = view::files::source(&dossier.id, revision, &file.path);
            let bytes = source.and_then(|s| exact(sources, &s, &file.digest));
            // The page must never offer other bytes under the digest that was signed.
            bytes.ok_or_else(|| {
                format!(
                    "This file is not shown: the bytes of {} no longer have the SHA-256 {} that the manifest of {} names.\n",
                    file.path, file.digest, dossier.id
                )
                .into_bytes()
            })
        })?);
    }
    Ok(())
}
