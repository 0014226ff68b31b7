//! From a folder to a [`Package`].

use super::diagnostics as say;
use super::manifest::{Listed, MAX_TEXT};
use super::meta::meta;
use super::target::section_of;
use super::{Manifest, Package, figures, markdown, placeholder};
use crate::diag::Diagnostics;
use crate::diag::common::{text, unreadable};
use crate::digest::FileDigest;
use crate::id::{PackageId, SectionId};
use crate::text::{RepoPath, SourceFile, Sources};
use std::collections::BTreeMap;

/// Reads the package in the folder `base`. Everything wrong is reported; `None` when package.toml does not
/// tell what the package is. A package with errors is still returned, so that it can be shown.
pub fn parse(
    id: PackageId,
    listing: &[Listed],
    base: &RepoPath,
    sources: &dyn Sources,
    out: &mut Diagnostics,
) -> Option<Package> {
    let manifest = Manifest::build(listing, base, out);
    let reader = Reader { manifest: &manifest, base, sources };
    let mut sections = BTreeMap::new();
    let mut all_figures: BTreeMap<SectionId, Vec<_>> = BTreeMap::new();
    let mut figure_files: BTreeMap<SectionId, &str> = BTreeMap::new();
    let mut meta_read = None;
    for file in &manifest.files {
        let path = &file.path;
        if path.as_str() == "package.toml" {
            meta_read = reader.text(path, out).map(|source| meta(&source, out));
        } else if path.parent().is_none() {
            let Some(section) = section_of(path) else {
                continue; // its name was refused by the manifest
            };
            if let Some(source) = reader.text(path, out) {
                let mut facts = markdown::read(&source, &section, out);
                facts.path = path.clone();
                placeholder::section(&source, out);
                sections.insert(section, facts);
            }
        } else if let Some(section) = section_of_figures(path) {
            let name = path.name();
            if let Some(first) = figure_files.get(&section) {
                out.push(say::figures_twice(&reader.full(path), first));
                continue;
            }
            if let Some(source) = reader.text(path, out) {
                let read = figures::figures(&source, out);
                all_figures.insert(section.clone(), read.into_iter().map(|(f, _)| f).collect());
            }
            figure_files.insert(section, name);
        }
    }
    if meta_read.is_none() && !manifest.files.iter().any(|f| f.path.as_str() == "package.toml") {
        out.push(say::package_toml_missing(base));
    }
    let (meta, _) = meta_read??;
    Some(Package { id, meta, manifest, sections, figures: all_figures })
}

/// The section whose figures a file holds, if it is such a file.
pub(super) fn section_of_figures(path: &RepoPath) -> Option<SectionId> {
    let folder = path.parent()?.strip_prefix("evidence/")?;
    figures::NAMES.contains(&path.name()).then(|| folder.parse().ok()).flatten()
}

struct Reader<'a> {
    manifest: &'a Manifest,
    base: &'a RepoPath,
    sources: &'a dyn Sources,
}

impl Reader<'_> {
    fn full(&self, path: &RepoPath) -> RepoPath {
        self.base.join(path.as_str()).expect("both parts are plain paths")
    }

    /// A text file, if it is still the one that was listed: facts must belong to the digest.
    fn text(&self, path: &RepoPath, out: &mut Diagnostics) -> Option<SourceFile> {
        let full = self.full(path);
        let entry = self.manifest.files.iter().find(|f| f.path == *path)?;
        if entry.size > MAX_TEXT as u64 {
            if path.parent().is_some() {
                out.push(crate::diag::common::too_large(&full, entry.size, MAX_TEXT as u64));
            }
            return None; // else the manifest has said so
        }
        let bytes = match self.sources.read(&full) {
            Ok(bytes) => bytes,
            Err(why) => {
                out.push(unreadable(&full, &why));
                return None;
            }
        };
        if FileDigest(crate::digest::sha256(&bytes)) != entry.digest {
            out.push(say::file_changed(&full));
            return None;
        }
        text(&full, bytes, MAX_TEXT, out)
    }
}
