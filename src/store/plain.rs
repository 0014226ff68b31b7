//! Reading a plain file below a folder, and nothing else.
//!
//! What lies in a repository was written by whoever could commit. A symbolic link in it would lead a reader
//! to files of this machine, and from there into pages and records; a FIFO would stop it forever. So every
//! part of a path is looked at, and every file has a size it may have.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

fn refuse<T>(what: &str) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidInput, what.to_owned()))
}

/// Looks at every part of `path` below `root`: all but the last are plain folders.
fn look(root: &Path, path: &Path) -> io::Result<(PathBuf, Metadata)> {
    let mut full = root.to_owned();
    let mut last: Option<Metadata> = None;
    for part in path.components() {
        let Component::Normal(name) = part else {
            return refuse("is not a plain relative path");
        };
        if last.is_some_and(|folder| !folder.is_dir()) {
            return refuse("lies behind something that is not a plain folder");
        }
        full.push(name);
        last = Some(full.symlink_metadata()?);
    }
    match last {
        Some(meta) => Ok((full, meta)),
        None => root.symlink_metadata().map(|meta| (full, meta)),
    }
}

/// The place of a folder; `None` if it is not there.
pub(super) fn folder(root: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    match look(root, path) {
        Ok((full, meta)) if meta.is_dir() => Ok(Some(full)),
        Ok(_) => refuse("is not a plain folder"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bytes of a file of at most `limit`.
pub(super) fn read(root: &Path, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (full, meta) = look(root, path)?;
    // Opening a FIFO waits for somebody to write, so it is not opened.
    if !meta.is_file() {
        return refuse("is not a plain file");
    }
    let file = File::open(&full)?;
    if !file.metadata()?.is_file() {
        return refuse("is not a plain file");
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(limit)).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return refuse(&format!("is larger than the {limit} bytes allowed"));
    }
    Ok(bytes)
}
