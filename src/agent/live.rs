//! The site in memory, derived anew from what changed.

use crate::dossier::{Facts, Folder, Input, build};
use crate::id::PackageId;
use crate::site::{self, Assets, PageKeys};
use crate::store::{StoreError, Workspace, assets, scan_package};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything the preview serves.
pub struct Live {
    ws: Workspace,
    input: Input,
    facts: Facts,
    assets: Assets,
    keys: PageKeys,
    pages: BTreeMap<String, Arc<Vec<u8>>>,
    version: u64,
    rendered: usize,
    problems: usize,
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

impl Live {
    /// Reads and renders everything.
    ///
    /// # Errors
    /// When the workspace cannot be read or a template does not hold.
    pub fn new(ws: Workspace, now: Timestamp) -> Result<Live, StoreError> {
        let input = ws.input()?;
        let assets = assets(&ws)?;
        let empty = Live {
            ws,
            input,
            facts: Facts::default(),
            assets,
            keys: PageKeys::new(),
            pages: BTreeMap::new(),
            version: 0,
            rendered: 0,
            problems: 0,
        };
        let (input, assets) = (empty.input.clone(), empty.assets.clone());
        empty.derive(empty.ws.clone(), input, assets, now)
    }

    /// The state after some paths changed; `None` when that changes nothing.
    ///
    /// # Errors
    /// When the workspace cannot be read just now or a template does not hold; the old state stays.
    pub fn after(&self, changed: &BTreeSet<String>, now: Timestamp) -> Result<Option<Live>, StoreError> {
        let parts: BTreeSet<Part> =
            changed.iter().map(|p| part_of(p)).filter(|p| *p != Part::Nothing).collect();
        if parts.is_empty() {
            return Ok(None);
        }
        let mut ws = self.ws.clone();
        let mut input = self.input.clone();
        let mut look = self.assets.clone();
        for part in parts {
            match part {
                Part::Package(id) => refresh(&ws, &mut input, &id)?,
                Part::Rules => {
                    let rules = ws.rules()?;
                    input = Input { packages: input.packages, ..rules };
                }
                Part::Look => look = assets(&ws)?,
                Part::Everything => {
                    ws = Workspace::at(ws.root())?;
                    input = ws.input()?;
                }
                Part::Nothing => {}
            }
        }
        self.derive(ws, input, look, now).map(Some)
    }

    fn derive(
        &self,
        ws: Workspace,
        input: Input,
        assets: Assets,
        now: Timestamp,
    ) -> Result<Live, StoreError> {
        let sources = ws.sources();
        let (register, facts) = build(&input, &sources, &self.facts, now);
        let site = site::build(&register, &assets, &sources, &self.keys)
            .map_err(|e| StoreError::Site(e.to_string()))?;
        let keys = site.keys();
        let mut pages = BTreeMap::new();
        let mut rendered = 0;
        for page in site.pages {
            let path = page.path.as_str().to_owned();
            rendered += usize::from(page.bytes.is_some());
            let bytes = page.bytes.map(Arc::new).or_else(|| self.pages.get(&path).cloned());
            pages.insert(path, bytes.unwrap_or_default());
        }
        let problems = register.packages.values().map(|d| d.diagnostics.errors()).sum::<usize>()
            + register.diagnostics.errors();
        let version = self.version + 1;
        Ok(Live { ws, input, facts, assets, keys, pages, version, rendered, problems })
    }

    /// The bytes of a file of the site.
    pub fn page(&self, path: &str) -> Option<Arc<Vec<u8>>> {
        self.pages.get(path).cloned()
    }

    /// Rises with every rebuild.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// One line about the last rebuild.
    pub fn report(&self) -> String {
        let problems = match self.problems {
            0 => String::new(),
            n => format!(", {n} problem(s): run `countersign check`"),
        };
        format!("{} page(s) rendered of {}{problems}\n", self.rendered, self.pages.len())
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
