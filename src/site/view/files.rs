//! The files of one state of a package: where they are read from, and where they are published.

use crate::id::{PackageId, SectionId};
use crate::package::{ManifestEntry, Package};
use crate::site::address;
use crate::site::words;
use crate::text::RepoPath;
use serde::Serialize;
use std::collections::BTreeMap;

/// A published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FileLink {
    pub href: String,
    /// The name a browser saves it under.
    pub name: String,
    /// Its path in the package.
    pub path: String,
    pub sha256: String,
    pub ends: String,
    pub size: String,
}

/// Looks up the files of a manifest.
pub(crate) struct Files<'a> {
    id: &'a PackageId,
    root: String,
    by_path: BTreeMap<&'a RepoPath, &'a ManifestEntry>,
}

impl<'a> Files<'a> {
    /// The files of a package as the page at `root` links to them.
    pub(crate) fn new(id: &'a PackageId, package: &'a Package, root: &str) -> Files<'a> {
        let by_path = package.manifest.files.iter().map(|f| (&f.path, f)).collect();
        Files { id, root: root.to_owned(), by_path }
    }

    pub(crate) fn entry(&self, path: &RepoPath) -> Option<&'a ManifestEntry> {
        self.by_path.get(path).copied()
    }

    /// A link to an evidence file; `None` for a file that is not published.
    pub(crate) fn link(&self, path: &RepoPath) -> Option<FileLink> {
        self.entry(path).filter(|f| published(f)).map(|f| self.of(f))
    }

    fn of(&self, file: &ManifestEntry) -> FileLink {
        let to = address::evidence(self.id, &file.digest, &file.path);
        FileLink {
            href: address::href(&self.root, &to, ""),
            name: file.path.name().to_owned(),
            path: file.path.to_string(),
            sha256: words::grouped(&file.digest),
            ends: words::ends(&file.digest),
            size: words::size(file.size),
        }
    }

    /// The evidence of a section.
    pub(crate) fn evidence(&self, package: &Package, section: &SectionId) -> Vec<FileLink> {
        package.manifest.of_section(section).filter(|f| published(f)).map(|f| self.of(f)).collect()
    }
}

/// Evidence is published; Markdown and package.toml are shown as pages.
pub(crate) fn published(file: &ManifestEntry) -> bool {
    file.path.as_str().starts_with("evidence/")
}

/// Where the files of a revision are read from; of the working copy when `revision` is 0.
pub(crate) fn source(id: &PackageId, revision: u32, path: &RepoPath) -> Option<RepoPath> {
    let folder =
        if revision == 0 { format!("packages/{id}") } else { format!("packages/{id}/revisions/{revision}") };
    folder.parse::<RepoPath>().ok()?.join(path.as_str()).ok()
}
