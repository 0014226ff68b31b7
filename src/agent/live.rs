//! The site in memory, derived anew from what changed.
//!
//! [`Live`] is what readers see; [`Desk`] is what it is derived from, and belongs to the one thread that
//! watches. A save in one package is shown at once from that package alone; the whole is derived right
//! after, so every page ends as a build from nothing would make it.

use crate::dossier::{Facts, Folder, Input, Register, build, rebuild};
use crate::id::PackageId;
use crate::site::{self, Assets, Page, PageKeys};
use crate::store::{StoreError, Workspace, assets, scan_package};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything the preview serves.
#[derive(Default)]
pub struct Live {
    pages: BTreeMap<String, Arc<Vec<u8>>>,
    version: u64,
}

/// Everything the pages are derived from.
pub struct Desk {
    ws: Workspace,
    input: Input,
    facts: Facts,
    assets: Assets,
    register: Register,
    keys: PageKeys,
    rendered: usize,
}

/// What a change reaches.
#[derive(Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing that is shown.
    Nothing,
    /// First of all one package.
    Package(PackageId),
    /// Everything.
    Whole,
}

/// What part of the workspace a path belongs to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Package(PackageId),
    Rules,
    Look,
    Everything,
    Nothing,
}

fn part_of(path: &str) -> Part {
    let mut parts = path.split('/');
    match (parts.next(), parts.next()) {
        (Some("packages"), Some(name)) => name.parse().map_or(Part::Everything, Part::Package),
        (Some("packages"), None) => Part::Everything,
        (Some("chains"), _) => Part::Rules,
        (Some("templates"), _) => Part::Look,
        (Some("site"), Some("static")) => Part::Look,
        (Some("countersign.toml"), _) => Part::Everything,
        _ => Part::Nothing,
    }
}

impl Desk {
    /// Reads and derives everything.
    ///
    /// # Errors
    /// When the workspace cannot be read or a template does not hold.
    pub fn new(ws: Workspace, now: Timestamp) -> Result<(Desk, Live), StoreError> {
        let (input, assets) = (ws.input()?, assets(&ws)?);
        let (register, facts) = build(&input, &ws.sources(), &Facts::default(), now);
        let mut desk = Desk { ws, input, facts, assets, register, keys: PageKeys::new(), rendered: 0 };
        let mut live = Live::default();
        live.put_all(desk.render()?);
        Ok((desk, live))
    }

    /// Reads again what lies at the paths that changed.
    ///
    /// # Errors
    /// When it cannot be read just now.
    pub fn read(&mut self, changed: &BTreeSet<String>) -> Result<Reach, StoreError> {
        let parts: BTreeSet<Part> =
            changed.iter().map(|p| part_of(p)).filter(|p| *p != Part::Nothing).collect();
        for part in &parts {
            match part {
                Part::Package(id) => refresh(&self.ws, &mut self.input, id)?,
                Part::Rules => {
                    let rules = self.ws.rules()?;
                    self.input = Input { packages: std::mem::take(&mut self.input.packages), ..rules };
                }
                Part::Look => self.assets = assets(&self.ws)?,
                Part::Everything => {
                    self.ws = Workspace::at(self.ws.root())?;
                    self.input = self.ws.input()?;
                }
                Part::Nothing => {}
            }
        }
        let mut parts = parts.into_iter();
        Ok(match (parts.next(), parts.next()) {
            (None, _) => Reach::Nothing,
            (Some(Part::Package(id)), None) => Reach::Package(id),
            _ => Reach::Whole,
        })
    }

    /// The pages that show most of one package, as far as that can be said without looking at the others.
    pub fn first(&mut self, id: &PackageId) -> Vec<Page> {
        let sources = self.ws.sources();
        let folder = self.input.packages.binary_search_by(|f| f.id.cmp(id));
        let Some(folder) = folder.ok().and_then(|at| self.input.packages.get(at)) else { return Vec::new() };
        if !rebuild(&mut self.register, folder, &sources, &mut self.facts) {
            return Vec::new();
        }
        // What goes wrong here goes wrong again when the whole is derived, and is said then.
        let site = site::build_about(&self.register, &self.assets, &sources, &self.keys, id);
        let pages = site.map(|site| site.pages).unwrap_or_default();
        self.note(&pages);
        pages
    }

    /// All pages, judged at `now`.
    ///
    /// # Errors
    /// When a template does not hold.
    pub fn whole(&mut self, now: Timestamp) -> Result<Vec<Page>, StoreError> {
        (self.register, self.facts) = build(&self.input, &self.ws.sources(), &self.facts, now);
        self.render()
    }

    fn render(&mut self) -> Result<Vec<Page>, StoreError> {
        let site = site::build(&self.register, &self.assets, &self.ws.sources(), &self.keys)
            .map_err(|e| StoreError::Site(e.to_string()))?;
        self.note(&site.pages);
        // A page that is gone leaves no key: should it come back, it has to be rendered.
        self.keys = site.keys();
        Ok(site.pages)
    }

    fn note(&mut self, pages: &[Page]) {
        self.rendered += pages.iter().filter(|page| page.bytes.is_some()).count();
        self.keys.extend(pages.iter().map(|page| (page.path.clone(), page.key.clone())));
    }

    /// One line about what was rendered since the last one.
    pub fn report(&mut self) -> String {
        let packages = self.register.packages.values().map(|d| d.diagnostics.errors());
        let problems = match packages.sum::<usize>() + self.register.diagnostics.errors() {
            0 => String::new(),
            n => format!(", {n} problem(s): run `countersign check`"),
        };
        format!("{} page(s) rendered of {}{problems}\n", std::mem::take(&mut self.rendered), self.keys.len())
    }
}

impl Live {
    /// Shows pages that were rendered.
    pub fn put(&mut self, pages: Vec<Page>) {
        let before = self.pages.len();
        let mut changed = false;
        for page in pages {
            if let Some(bytes) = page.bytes {
                self.pages.insert(page.path.as_str().to_owned(), Arc::new(bytes));
                changed = true;
            }
        }
        self.version += u64::from(changed || self.pages.len() != before);
    }

    /// Shows these pages and no other.
    pub fn put_all(&mut self, pages: Vec<Page>) {
        let names: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
        let before = self.pages.len();
        self.pages.retain(|name, _| names.contains(name.as_str()));
        self.version += u64::from(self.pages.len() != before);
        self.put(pages);
    }

    /// The addresses of all files of the site.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pages.keys().map(String::as_str)
    }

    /// The bytes of a file of the site.
    pub fn page(&self, path: &str) -> Option<Arc<Vec<u8>>> {
        self.pages.get(path).cloned()
    }

    /// Rises whenever a page changed.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// Scans one package again; drops it when its folder is gone.
fn refresh(ws: &Workspace, input: &mut Input, id: &PackageId) -> Result<(), StoreError> {
    let at = input.packages.binary_search_by(|f: &Folder| f.id.cmp(id));
    let there = ws.path(&format!("packages/{id}")).is_dir();
    match (at, there) {
        (Ok(at), true) => input.packages[at] = scan_package(ws.root(), id)?,
        (Ok(at), false) => drop(input.packages.remove(at)),
        (Err(at), true) => input.packages.insert(at, scan_package(ws.root(), id)?),
        (Err(_), false) => {}
    }
    Ok(())
}

/// A path as the watcher gives it, relative to the workspace.
pub(super) fn relative(root: &std::path::Path, path: &std::path::Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?.to_str()?;
    let hidden = below
        .split('/')
        .any(|part| part.starts_with(".tmp-") || part.ends_with('~') || part.ends_with(".swp"));
    if hidden || below.is_empty() {
        return None;
    }
    below.parse::<RepoPath>().ok().map(|p| p.to_string())
}
