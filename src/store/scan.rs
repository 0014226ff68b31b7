//! Listing and hashing a package folder: what lies there, without following anything out of it.

use super::diagnostics;
use super::workspace::{StoreError, list};
use crate::diag::Diagnostics;
use crate::digest::{FileDigest, sha256};
use crate::dossier::{Folder, FrozenFolder};
use crate::id::PackageId;
use crate::package::{Listed, MAX_EVIDENCE};
use crate::text::{RepoPath, Sources};
use std::path::{Path, PathBuf};

/// Deepest folder below a package.
const DEPTH_LIMIT: usize = 16;

/// Reads repository files for the pure floors.
#[derive(Debug, Clone)]
pub struct DiskSources {
    root: PathBuf,
}

impl DiskSources {
    /// Reads below `root`.
    pub fn new(root: PathBuf) -> Self {
        DiskSources { root }
    }
}

impl Sources for DiskSources {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, String> {
        let full = self.root.join(path.as_str());
        // A link swapped in after the scan must not lead out of the repository.
        match full.symlink_metadata() {
            Ok(meta) if meta.is_file() => std::fs::read(&full).map_err(|e| format!("{path}: {e}")),
            Ok(_) => Err(format!("{path} is not a plain file")),
            Err(e) => Err(format!("{path}: {e}")),
        }
    }
}

/// Lists and hashes one package: the working copy and each frozen revision.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn scan_package(root: &Path, id: &PackageId) -> Result<Folder, StoreError> {
    let base: RepoPath = format!("packages/{id}").parse().expect("an id is a plain name");
    let mut problems = Diagnostics::new();
    let files = walk(root, &base, &["revisions"], &mut problems)?;
    let mut frozen = Vec::new();
    let mut strays = Vec::new();
    let revisions = base.join("revisions").expect("plain");
    for name in list(&root.join(revisions.as_str()))? {
        if name.starts_with('.') {
            continue; // an interrupted submission's temporary folder
        }
        let number = name.parse::<u32>().ok().filter(|n| *n > 0 && n.to_string() == name);
        let (Some(number), Ok(base)) = (number, revisions.join(&name)) else {
            strays.push(name);
            continue;
        };
        let mut problems = Diagnostics::new();
        let mut files = walk(root, &base, &[], &mut problems)?;
        let mut take = |wanted: &str| {
            let at = files.iter().position(|f| f.path == wanted)?;
            files.remove(at);
            std::fs::read(root.join(base.as_str()).join(wanted)).ok()
        };
        let manifest = take("MANIFEST");
        let chain = take("chain.toml");
        frozen.push(FrozenFolder { number, base, files, manifest, chain, problems });
    }
    frozen.sort_by_key(|f| f.number);
    Ok(Folder { id: id.clone(), base, files, frozen, strays, problems })
}

/// Every plain file below `base`, sorted by path; anything else is a problem.
fn walk(
    root: &Path,
    base: &RepoPath,
    skip: &[&str],
    problems: &mut Diagnostics,
) -> Result<Vec<Listed>, StoreError> {
    let mut out = Vec::new();
    let mut todo = vec![(base.clone(), 0)];
    while let Some((folder, depth)) = todo.pop() {
        for name in list(&root.join(folder.as_str()))? {
            if folder == *base && skip.contains(&name.as_str()) {
                continue;
            }
            let full = root.join(folder.as_str()).join(&name);
            let meta = full.symlink_metadata().map_err(StoreError::io(&full))?;
            let path = match folder.join(&name) {
                Ok(path) => path,
                Err(error) => {
                    problems.push(diagnostics::not_a_file(&folder, &name, &format!("refused ({error})")));
                    continue;
                }
            };
            if meta.is_symlink() {
                problems.push(diagnostics::not_a_file(&folder, &name, "a symbolic link"));
            } else if meta.is_dir() {
                if depth == DEPTH_LIMIT {
                    problems.push(diagnostics::not_a_file(&folder, &name, "nested too deeply"));
                } else if name == ".git" {
                    problems.push(diagnostics::not_a_file(&folder, &name, "a repository of its own"));
                } else {
                    todo.push((path, depth + 1));
                }
            } else if !meta.is_file() {
                problems.push(diagnostics::not_a_file(&folder, &name, "a special file"));
            } else {
                let relative = path.strip(base.as_str()).expect("below the base").to_owned();
                // What is too large is not read; the package's own checks say so by its size.
                let digest = if meta.len() > MAX_EVIDENCE {
                    FileDigest([0; 32])
                } else {
                    FileDigest(sha256(&std::fs::read(&full).map_err(StoreError::io(&full))?))
                };
                out.push(Listed { path: relative, size: meta.len(), digest });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(out)
}
