//! Listing and hashing a package folder: what lies there, without following anything out of it.

use super::workspace::{Entry, StoreError, entries};
use super::{diagnostics, plain};
use crate::diag::Diagnostics;
use crate::digest::{FileDigest, sha256};
use crate::dossier::{Folder, FrozenFolder};
use crate::id::PackageId;
use crate::package::{Listed, MAX_EVIDENCE};
use crate::text::{RepoPath, Sources};
use std::fs::File;
use std::io::{self, Read as _};
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
        // A link swapped in after the scan must not lead out of the repository.
        plain::read(&self.root, Path::new(path.as_str()), MAX_EVIDENCE).map_err(|e| format!("{path}: {e}"))
    }
}

/// Lists and hashes one package: the working copy and each frozen revision.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn scan_package(root: &Path, id: &PackageId) -> Result<Folder, StoreError> {
    let name = format!("packages/{id}");
    let base: RepoPath = name.parse().map_err(|error| StoreError::Io {
        path: root.join(&name),
        error: io::Error::new(io::ErrorKind::InvalidInput, error),
    })?;
    let mut problems = Diagnostics::new();
    if root.join(&name).symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
        let folder = "packages".parse().expect("plain");
        problems.push(diagnostics::not_a_file(&folder, id.as_str(), "a symbolic link"));
        let (id, files, frozen, strays) = (id.clone(), Vec::new(), Vec::new(), Vec::new());
        return Ok(Folder { id, base, files, frozen, strays, problems });
    }
    let revisions = base.join("revisions").expect("plain");
    let (files, skipped) = walk(root, &base, Some("revisions"), &mut problems)?;
    let mut frozen = Vec::new();
    let mut strays = Vec::new();
    let found = if skipped { entries(root, revisions.as_str())? } else { Vec::new() };
    for Entry { name, kind, .. } in found {
        if name.starts_with(".tmp-") {
            continue; // an interrupted submission's temporary folder
        }
        let number = name.parse::<u32>().ok().filter(|n| *n > 0 && n.to_string() == name);
        let (Some(number), Ok(base)) = (number, revisions.join(&name)) else {
            strays.push(name);
            continue;
        };
        let mut problems = Diagnostics::new();
        let mut files = Vec::new();
        if kind.is_dir() {
            files = walk(root, &base, None, &mut problems)?.0;
        } else {
            problems.push(diagnostics::not_a_file(&revisions, &name, "not a folder"));
        }
        let mut take = |wanted: &str| {
            let at = files.iter().position(|f| f.path == wanted)?;
            files.remove(at);
            plain::read(root, &Path::new(base.as_str()).join(wanted), MAX_EVIDENCE).ok()
        };
        let manifest = take("MANIFEST");
        let chain = take("chain.toml");
        frozen.push(FrozenFolder { number, base, files, manifest, chain, problems });
    }
    frozen.sort_by_key(|f| f.number);
    Ok(Folder { id: id.clone(), base, files, frozen, strays, problems })
}

/// Every plain file below `base`, sorted by path, and whether `skip` was there; anything else is a problem.
fn walk(
    root: &Path,
    base: &RepoPath,
    skip: Option<&str>,
    problems: &mut Diagnostics,
) -> Result<(Vec<Listed>, bool), StoreError> {
    let mut out = Vec::new();
    let mut skipped = false;
    let mut buffer = vec![0; 32 * 1024];
    let mut todo = vec![(base.clone(), 0)];
    while let Some((folder, depth)) = todo.pop() {
        let place = root.join(folder.as_str());
        for Entry { name, utf8, kind } in entries(root, folder.as_str())? {
            if depth == 0 && skip == Some(name.as_str()) && kind.is_dir() {
                skipped = true;
                continue;
            }
            if !utf8 {
                let what = "refused (its name is not UTF-8)";
                problems.push(diagnostics::not_a_file(&folder, &name, what));
                continue;
            }
            let path = match folder.join(&name) {
                Ok(path) => path,
                Err(error) => {
                    problems.push(diagnostics::not_a_file(&folder, &name, &format!("refused ({error})")));
                    continue;
                }
            };
            if depth == 0 && skip == Some(name.as_str()) {
                problems.push(diagnostics::not_a_file(&folder, &name, "in the place of a folder"));
            } else if kind.is_symlink() {
                problems.push(diagnostics::not_a_file(&folder, &name, "a symbolic link"));
            } else if kind.is_dir() {
                if depth == DEPTH_LIMIT {
                    problems.push(diagnostics::not_a_file(&folder, &name, "nested too deeply"));
                } else if name == ".git" {
                    problems.push(diagnostics::not_a_file(&folder, &name, "a repository of its own"));
                } else {
                    todo.push((path, depth + 1));
                }
            } else if !kind.is_file() {
                problems.push(diagnostics::not_a_file(&folder, &name, "a special file"));
            } else {
                let relative = path.strip(base.as_str()).expect("below the base").to_owned();
                let full = place.join(&name);
                let (size, digest) = measure(&full, &mut buffer).map_err(StoreError::io(&full))?;
                out.push(Listed { path: relative, size, digest });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((out, skipped))
}

/// Size and digest of a file. What is too large is not read; the package's own checks say so by its size.
fn measure(path: &Path, buffer: &mut [u8]) -> io::Result<(u64, FileDigest)> {
    let mut file = File::open(path)?;
    let first = file.read(buffer)?;
    // Most files fit: a plain file gives less than asked for only at its end.
    if first < buffer.len() {
        return Ok((first as u64, FileDigest(sha256(&buffer[..first]))));
    }
    let size = file.metadata()?.len();
    if size > MAX_EVIDENCE {
        return Ok((size, FileDigest([0; 32])));
    }
    let mut bytes = buffer.to_vec();
    file.read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64, FileDigest(sha256(&bytes))))
}
