//! Writing the site: only what changed, nothing of anybody else's.
//!
//! A manifest in the output folder lists what the last build wrote, with the key and size of each file.
//! It is written last: after a crash some pages are newer than it says, and the next build renders them
//! again. Only files it lists are ever removed.

use super::workspace::{StoreError, Workspace};
use crate::dossier::Register;
use crate::site::{self, Assets, PageKey, PageKeys, SitePath};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

const MANIFEST: &str = ".countersign-site.json";
const LOCK: &str = ".countersign-site.lock";

/// What a build did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Files of the site.
    pub files: usize,
    /// Files rendered because something they show has changed.
    pub rendered: usize,
    /// Files written because their bytes differ.
    pub written: usize,
    /// Files removed because nothing makes them any more.
    pub removed: usize,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    files: BTreeMap<SitePath, (PageKey, u64)>,
}

/// The templates and static files: ours, with the user's of the same name instead.
///
/// # Errors
/// When a user's file cannot be read.
pub fn assets(ws: &Workspace) -> Result<Assets, StoreError> {
    let mut assets = Assets::embedded();
    for (name, bytes) in user_files(&ws.path("templates"), "")? {
        if name.ends_with(".html") {
            assets = assets.with_template(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for (name, bytes) in user_files(&ws.path("site/static"), "")? {
        assets = assets.with_static(name, bytes);
    }
    Ok(assets)
}

fn user_files(folder: &Path, below: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut out = Vec::new();
    for name in super::workspace::list(folder)? {
        let full = folder.join(&name);
        let name = format!("{below}{name}");
        if full.is_dir() {
            out.extend(user_files(&full, &format!("{name}/"))?);
        } else {
            let bytes = std::fs::read(&full).map_err(StoreError::io(&full))?;
            out.push((name, bytes));
        }
    }
    Ok(out)
}

/// Renders the site into `out`.
///
/// # Errors
/// When a template does not hold, a file cannot be written, or another build is under way.
pub fn publish(ws: &Workspace, register: &Register, out: &Path) -> Result<Published, StoreError> {
    std::fs::create_dir_all(out).map_err(StoreError::io(out))?;
    let lock_path = out.join(LOCK);
    let lock = File::create(&lock_path).map_err(StoreError::io(&lock_path))?;
    if lock.try_lock().is_err() {
        let error = io::Error::other("another build is writing this folder; wait for it to end");
        return Err(StoreError::Io { path: out.to_owned(), error });
    }
    let old = read_manifest(out);
    let intact = |(path, (_, size)): &(&SitePath, &(PageKey, u64))| {
        out.join(path.as_str()).symlink_metadata().is_ok_and(|m| m.is_file() && m.len() == *size)
    };
    let previous: PageKeys =
        old.files.par_iter().filter(intact).map(|(path, (key, _))| (path.clone(), key.clone())).collect();
    let sizes = Mutex::new(BTreeMap::new());
    let written = Mutex::new(0);
    let assets = assets(ws)?;
    let keys = site::build_into(register, &assets, &ws.sources(), &previous, &|path, bytes| {
        let changed = write_page(out, path, &bytes).map_err(|e| e.to_string())?;
        sizes.lock().map_err(|e| e.to_string())?.insert(path.clone(), bytes.len() as u64);
        *written.lock().map_err(|e| e.to_string())? += usize::from(changed);
        Ok(())
    })
    .map_err(|e| StoreError::Site(e.to_string()))?;

    let sizes = sizes.into_inner().unwrap_or_default();
    let rendered = sizes.len();
    let mut new = Manifest::default();
    for (path, key) in keys {
        let size = sizes.get(&path).copied().or_else(|| old.files.get(&path).map(|f| f.1)).unwrap_or(0);
        new.files.insert(path, (key, size));
    }
    let mut removed = 0;
    for path in old.files.keys().filter(|path| !new.files.contains_key(*path)) {
        removed += usize::from(remove_page(out, path));
    }
    let files = new.files.len();
    if rendered > 0 || removed > 0 || new.files.len() != old.files.len() {
        let text = serde_json::to_string(&new).expect("plain data");
        let path = out.join(MANIFEST);
        super::write::write_atomic(&path, text.as_bytes())
            .map_err(|e| StoreError::Io { path, error: io::Error::other(e.to_string()) })?;
    }
    drop(lock);
    let written = written.into_inner().unwrap_or(0);
    Ok(Published { files, rendered, written, removed })
}

fn read_manifest(out: &Path) -> Manifest {
    let text = std::fs::read(out.join(MANIFEST)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Writes a page if its bytes differ, as a whole; not synced, for a site can be built again.
fn write_page(out: &Path, path: &SitePath, bytes: &[u8]) -> io::Result<bool> {
    let full = out.join(path.as_str());
    if std::fs::read(&full).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    super::write::replace(&full, bytes)?;
    Ok(true)
}

/// Removes a file that an earlier build wrote, and its folder if that is empty then.
fn remove_page(out: &Path, path: &SitePath) -> bool {
    let full = out.join(path.as_str());
    let gone = std::fs::remove_file(&full).is_ok();
    let mut dir = full.parent();
    while let Some(folder) = dir.filter(|d| *d != out && d.starts_with(out)) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
        dir = folder.parent();
    }
    gone
}
