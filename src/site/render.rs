//! From a view model to a key, and only if the key is new, to bytes.

use super::address::SitePath;
use super::assets::{Assets, chain_of};
use super::desk::Reviewer;
use super::jobs::{self, Job};
use super::view::Index;
use crate::digest::hex;
use crate::dossier::Register;
use crate::id::PackageId;
use crate::text::Sources;
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use tera::Tera;

/// Part of every key: raised whenever the same view would be rendered differently by other code.
const GENERATOR: &str = concat!("countersign ", env!("CARGO_PKG_VERSION"), " pages 2");

/// SHA-256 over everything a page's bytes depend on, in hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PageKey(String);

impl PageKey {
    /// The key as 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The keys of a build by address: what the next build compares with.
pub type PageKeys = BTreeMap<SitePath, PageKey>;

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it goes.
    pub path: SitePath,
    /// What its bytes depend on.
    pub key: PageKey,
    /// Its bytes; `None` when the key is the one of the last build.
    pub bytes: Option<Vec<u8>>,
}

/// All files of the site, sorted by address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Every file, whether it changed or not.
    pub pages: Vec<Page>,
}

impl Site {
    /// What the next build compares with.
    pub fn keys(&self) -> PageKeys {
        self.pages.iter().map(|p| (p.path.clone(), p.key.clone())).collect()
    }
}

/// Why no site could be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// Tera would not escape data in it.
    #[error("the template `{0}` must have a name that ends in .html")]
    TemplateName(String),
    /// A template cannot be compiled.
    #[error("a template does not hold: {0}")]
    Template(String),
    /// A template failed on a page.
    #[error("the page {page} cannot be rendered: {why}")]
    Render {
        /// The page.
        page: SitePath,
        /// Tera's words.
        why: String,
    },
    /// A page could not be handed on.
    #[error("the page {page} cannot be written: {why}")]
    Write {
        /// The page.
        page: SitePath,
        /// The writer's words.
        why: String,
    },
}

/// What one page is made from.
pub(crate) trait View: Serialize {
    /// The template that prints it.
    const TEMPLATE: &'static str;

    /// Fills in the texts that the key knows by digest only. False when a text did not have the digest
    /// it should have: the page says so, and is rendered again next time.
    fn fill(&mut self, _sources: &dyn Sources) -> bool {
        true
    }
}

/// What every page of one build shares.
pub(crate) struct Press<'a> {
    tera: Tera,
    assets: [u8; 32],
    sources: &'a dyn Sources,
    previous: &'a PageKeys,
    write: &'a Writer<'a>,
    /// The one page wanted; every page if `None`.
    only: Option<&'a str>,
}

/// Takes a page that changed. Called from several threads at once, in no particular order.
pub type Writer<'a> = dyn Fn(&SitePath, Vec<u8>) -> Result<(), String> + Sync + 'a;

/// Builds the site in memory.
///
/// # Errors
/// When a template does not hold.
pub fn build(
    register: &Register,
    assets: &Assets,
    sources: &dyn Sources,
    previous: &PageKeys,
) -> Result<Site, SiteError> {
    gather(|write| build_into(register, assets, sources, previous, write))
}

/// Builds in memory only the pages that show most of one package: its own, and its rows of the inventory.
///
/// # Errors
/// When a template does not hold.
pub fn build_about(
    register: &Register,
    assets: &Assets,
    sources: &dyn Sources,
    previous: &PageKeys,
    package: &PackageId,
) -> Result<Site, SiteError> {
    let index = Index::new(register, assets, None);
    let jobs = jobs::about(&index, package);
    gather(|write| make(&jobs, &index, assets, sources, previous, write))
}

fn gather(made: impl FnOnce(&Writer<'_>) -> Result<PageKeys, SiteError>) -> Result<Site, SiteError> {
    let written = Mutex::new(BTreeMap::new());
    let keys = made(&|path, bytes| {
        written.lock().map_err(|e| e.to_string())?.insert(path.clone(), bytes);
        Ok(())
    })?;
    let mut written = written.into_inner().unwrap_or_default();
    let pages = keys.into_iter().map(|(path, key)| Page { bytes: written.remove(&path), path, key });
    Ok(Site { pages: pages.collect() })
}

/// Builds the site and hands each page that changed to `write` as soon as it is rendered, so that ten
/// thousand pages need not lie in memory. Returns the keys of all pages.
///
/// # Errors
/// When a template does not hold, or `write` refuses a page.
pub fn build_into(
    register: &Register,
    assets: &Assets,
    sources: &dyn Sources,
    previous: &PageKeys,
    write: &Writer<'_>,
) -> Result<PageKeys, SiteError> {
    let index = Index::new(register, assets, None);
    make(&jobs::list(&index, assets), &index, assets, sources, previous, write)
}

/// The bytes of one file of the site as one reviewer sees it, with the forms that are this reviewer's;
/// `None` if the site has no such file.
///
/// # Errors
/// When a template does not hold.
pub fn page_for(
    register: &Register,
    assets: &Assets,
    sources: &dyn Sources,
    reviewer: &Reviewer,
    path: &str,
) -> Result<Option<Vec<u8>>, SiteError> {
    let index = Index::new(register, assets, Some(reviewer));
    let found = Mutex::new(None);
    let write = |_: &SitePath, bytes| {
        *found.lock().map_err(|e| e.to_string())? = Some(bytes);
        Ok(())
    };
    let previous = PageKeys::new();
    let press = Press {
        tera: assets.tera()?,
        assets: [0; 32],
        sources,
        previous: &previous,
        write: &write,
        only: Some(path),
    };
    if let Some(job) = jobs::at(&index, assets, path) {
        jobs::run(&job, &index, assets, &press)?;
    }
    Ok(found.into_inner().unwrap_or_default())
}

/// Renders one view that is no file of the site.
pub(crate) fn print<V: View>(assets: &Assets, view: &V) -> Result<Vec<u8>, SiteError> {
    let failed = |e: tera::Error| SiteError::Template(format!("{}: {}", V::TEMPLATE, chain_of(&e)));
    let context = tera::Context::from_serialize(view).map_err(failed)?;
    Ok(assets.tera()?.render(V::TEMPLATE, &context).map_err(failed)?.into_bytes())
}

fn make(
    jobs: &[Job<'_>],
    index: &Index<'_>,
    assets: &Assets,
    sources: &dyn Sources,
    previous: &PageKeys,
    write: &Writer<'_>,
) -> Result<PageKeys, SiteError> {
    let press = Press { tera: assets.tera()?, assets: assets.digest(), sources, previous, write, only: None };
    let done: Result<Vec<Vec<(SitePath, PageKey)>>, SiteError> =
        jobs.par_iter().map(|job: &Job| jobs::run(job, index, assets, &press)).collect();
    Ok(done?.into_iter().flatten().collect())
}

impl Press<'_> {
    /// Makes a page, or only its key when nothing it depends on has changed.
    pub(crate) fn page<V: View>(
        &self,
        path: SitePath,
        mut view: V,
    ) -> Result<(SitePath, PageKey), SiteError> {
        if self.unwanted(&path) {
            return Ok((path, PageKey(String::new())));
        }
        let key = self.key(&view);
        if self.previous.get(&path) == Some(&key) {
            return Ok((path, key));
        }
        let settled = view.fill(self.sources);
        let failed = |e: tera::Error| SiteError::Render { page: path.clone(), why: chain_of(&e) };
        let context = tera::Context::from_serialize(&view).map_err(failed)?;
        let html = self.tera.render(V::TEMPLATE, &context).map_err(failed)?;
        self.hand_on(&path, html.into_bytes())?;
        Ok((path, if settled { key } else { unsettled(&key) }))
    }

    /// Copies a file whose digest is known.
    pub(crate) fn file(
        &self,
        path: SitePath,
        digest: &[u8; 32],
        read: impl FnOnce(&dyn Sources) -> Result<Vec<u8>, Vec<u8>>,
    ) -> Result<(SitePath, PageKey), SiteError> {
        if self.unwanted(&path) {
            return Ok((path, PageKey(String::new())));
        }
        let key = PageKey(hex(digest));
        if self.previous.get(&path) == Some(&key) {
            return Ok((path, key));
        }
        let (key, bytes) = match read(self.sources) {
            Ok(bytes) => (key, bytes),
            Err(instead) => (unsettled(&key), instead),
        };
        self.hand_on(&path, bytes)?;
        Ok((path, key))
    }

    fn unwanted(&self, path: &SitePath) -> bool {
        self.only.is_some_and(|only| only != path.as_str())
    }

    fn hand_on(&self, path: &SitePath, bytes: Vec<u8>) -> Result<(), SiteError> {
        (self.write)(path, bytes).map_err(|why| SiteError::Write { page: path.clone(), why })
    }

    /// Hands on a file that was made from more than one digest; false for a key that cannot be relied on.
    pub(crate) fn made(
        &self,
        path: SitePath,
        key: &PageKey,
        settled: bool,
        bytes: Vec<u8>,
    ) -> Result<(SitePath, PageKey), SiteError> {
        self.hand_on(&path, bytes)?;
        Ok((path, if settled { key.clone() } else { unsettled(key) }))
    }

    /// The key a file had in the last build, if that build's file is still there.
    pub(crate) fn known(&self, path: &SitePath) -> Option<&PageKey> {
        self.previous.get(path)
    }

    /// Where texts are read from.
    pub(crate) fn sources(&self) -> &dyn Sources {
        self.sources
    }

    fn key<V: View>(&self, view: &V) -> PageKey {
        let mut hasher = Sha256::new();
        hasher.update(self.assets);
        hasher.update(V::TEMPLATE.as_bytes());
        hashed(hasher, view)
    }
}

impl PageKey {
    /// The key of what is made from `facts` alone, without templates.
    pub(crate) fn of(sort: &str, facts: &impl Serialize) -> PageKey {
        let mut hasher = Sha256::new();
        hasher.update(sort.as_bytes());
        hashed(hasher, facts)
    }
}

fn hashed(mut hasher: Sha256, facts: &impl Serialize) -> PageKey {
    hasher.update([0]);
    hasher.update(GENERATOR.as_bytes());
    hasher.update([0]);
    // Fields in the order of the structs, maps sorted, no floats: one view has one text.
    let mut buffered = std::io::BufWriter::with_capacity(8192, Hasher(hasher));
    serde_json::to_writer(&mut buffered, facts).expect("views hold only strings, numbers, lists");
    let hasher = buffered.into_inner().map_err(|_| "").expect("hashing cannot fail");
    PageKey(hex(&hasher.0.finalize()))
}

/// A key no view can have, so that the page is made again.
fn unsettled(key: &PageKey) -> PageKey {
    PageKey(format!("unsettled-{}", key.0))
}

struct Hasher(Sha256);

impl std::io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
