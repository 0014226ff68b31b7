//! Writing the site: only what changed, nothing of anybody else's.
//!
//! A manifest lists what the last build wrote, with the key, size and time of each file: a page that
//! somebody edited since is rendered again. It lies in the user's cache folder, never beside the pages,
//! where anybody who commits could make a list of files to remove. It is written last: after a crash some
//! pages are newer than it says, and the next build renders them again. Only files it lists are ever
//! removed, and nothing is written or removed through a symbolic link. Without a cache folder everything is
//! rendered and nothing removed.

use super::workspace::{Entry, StoreError, Workspace, entries};
use super::{cache, plain};
use crate::dossier::Register;
use crate::site::{self, Assets, PageKey, PageKeys, SitePath};
use crate::text::RepoPath;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::UNIX_EPOCH;

const MANIFEST: &str = "site.json";
const LOCK: &str = "site.lock";
/// Largest manifest that is read.
const MAX_MANIFEST: u64 = 1 << 30;
/// Largest template or static file.
const MAX_ASSET: u64 = 64 << 20;
/// Deepest folder of templates or static files.
const DEPTH_LIMIT: usize = 16;

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
    files: BTreeMap<SitePath, (PageKey, Stamp)>,
}

/// Size, and nanoseconds since 1970 of the last change: what tells an untouched page without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp(u64, u64);

impl Stamp {
    /// The stamp of a plain file.
    fn of(file: &Path) -> Option<Stamp> {
        let meta = file.symlink_metadata().ok().filter(Metadata::is_file)?;
        let since = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Stamp(meta.len(), u64::try_from(since.as_nanos()).ok()?))
    }
}

/// The templates and static files: ours, with the user's of the same name instead.
///
/// # Errors
/// When a user's file cannot be read.
pub fn assets(ws: &Workspace) -> Result<Assets, StoreError> {
    let mut assets = Assets::embedded();
    for (name, bytes) in user_files(ws, "templates", 0)? {
        if name.ends_with(".html") {
            assets = assets.with_template(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for (name, bytes) in user_files(ws, "site/static", 0)? {
        assets = assets.with_static(name, bytes);
    }
    Ok(assets)
}

/// Every file below a folder of the workspace, named from there.
fn user_files(ws: &Workspace, folder: &str, depth: usize) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut out = Vec::new();
    for Entry { name, utf8, kind } in entries(ws.root(), folder)? {
        let full = format!("{folder}/{name}");
        let refuse = |why: &str| StoreError::Io { path: ws.path(&full), error: io::Error::other(why) };
        if !utf8 {
            return Err(refuse("has a name that is not UTF-8"));
        }
        if kind.is_dir() {
            if depth == DEPTH_LIMIT {
                return Err(refuse("is nested too deeply"));
            }
            let below = user_files(ws, &full, depth + 1)?;
            out.extend(below.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            let bytes = plain::read(ws.root(), Path::new(&full), MAX_ASSET)
                .map_err(StoreError::io(&ws.path(&full)))?;
            out.push((name, bytes));
        }
    }
    Ok(out)
}

/// Renders the site into `out`, and tells of each page as it is done.
///
/// # Errors
/// When a template does not hold, a file cannot be written, or another build is under way.
pub fn publish(
    ws: &Workspace,
    register: &Register,
    out: &Path,
    done: &(dyn Fn() + Sync),
) -> Result<Published, StoreError> {
    // The output folder in the repository can be a committed link to anywhere.
    if let Ok(below) = out.strip_prefix(ws.root()) {
        plain::folder(ws.root(), below).map_err(StoreError::io(out))?;
    }
    std::fs::create_dir_all(out).map_err(StoreError::io(out))?;
    // Who names a link as the output folder means where it leads; below it, none is followed.
    let out = &out.canonicalize().map_err(StoreError::io(out))?;
    let cache = cache::folder(out).filter(|folder| std::fs::create_dir_all(folder).is_ok());
    let _lock = cache.as_deref().map(|folder| lock(folder, out)).transpose()?;
    let old = cache.as_deref().and_then(read_manifest).unwrap_or_default();
    let folders = plain_folders(out, &old);
    let intact = |(path, (_, stamp)): &(&SitePath, &(PageKey, Stamp))| {
        parent(path).is_none_or(|dir| folders.contains(dir))
            && Stamp::of(&out.join(path.as_str())) == Some(*stamp)
    };
    let previous: PageKeys =
        old.files.par_iter().filter(intact).map(|(path, (key, _))| (path.clone(), key.clone())).collect();
    let stamps = Mutex::new(BTreeMap::new());
    let written = Mutex::new(0);
    let assets = assets(ws)?;
    let keys = site::build_into(register, &assets, &ws.sources(), &previous, &|path, bytes| {
        let changed = write_page(out, path, &bytes).map_err(|e| format!("{path}: {e}"))?;
        stamps.lock().map_err(|e| e.to_string())?.insert(path.clone(), Stamp::of(&out.join(path.as_str())));
        *written.lock().map_err(|e| e.to_string())? += usize::from(changed);
        done();
        Ok(())
    })
    .map_err(|e| StoreError::Site(e.to_string()))?;

    let stamps = stamps.into_inner().unwrap_or_default();
    let rendered = stamps.len();
    let files = keys.len();
    let mut new = Manifest::default();
    for (path, key) in keys {
        let kept = || old.files.get(&path).map(|f| f.1);
        // A static file with a name not every system can hold is not remembered, so never removed.
        if let Some(stamp) = stamps.get(&path).copied().unwrap_or_else(kept)
            && path.as_str().parse::<RepoPath>().is_ok()
        {
            new.files.insert(path, (key, stamp));
        }
    }
    let mut removed = 0;
    for path in old.files.keys().filter(|path| !new.files.contains_key(*path)) {
        removed += usize::from(remove_page(out, path));
    }
    if let Some(folder) = cache
        && (rendered > 0 || removed > 0 || new.files.len() != old.files.len())
    {
        let text = serde_json::to_string(&new).expect("plain data");
        let path = folder.join(MANIFEST);
        super::write::write_atomic(&path, text.as_bytes())
            .map_err(|e| StoreError::Io { path, error: io::Error::other(e.to_string()) })?;
    }
    let written = written.into_inner().unwrap_or(0);
    Ok(Published { files, rendered, written, removed })
}

fn lock(folder: &Path, out: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let lock = File::create(&path).map_err(StoreError::io(&path))?;
    if lock.try_lock().is_err() {
        let error = io::Error::other("another build is writing this folder; wait for it to end");
        return Err(StoreError::Io { path: out.to_owned(), error });
    }
    Ok(lock)
}

fn read_manifest(folder: &Path) -> Option<Manifest> {
    serde_json::from_slice(&plain::read(folder, Path::new(MANIFEST), MAX_MANIFEST).ok()?).ok()
}

fn parent(path: &SitePath) -> Option<&str> {
    path.as_str().rsplit_once('/').map(|(folder, _)| folder)
}

/// The folders of known pages that can be reached without following a link; each is looked at once.
fn plain_folders(out: &Path, known: &Manifest) -> BTreeSet<String> {
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for path in known.files.keys() {
        let mut dir = parent(path);
        while let Some(folder) = dir.filter(|folder| all.insert(folder)) {
            dir = folder.rsplit_once('/').map(|(up, _)| up);
        }
    }
    let plain = |dir: &&str| out.join(dir).symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let all: Vec<&str> = all.into_iter().collect();
    let found: BTreeSet<&str> = all.into_par_iter().filter(plain).collect();
    let mut good = BTreeSet::new();
    // A folder sorts after the one it lies in.
    for dir in found {
        if dir.rsplit_once('/').is_none_or(|(up, _)| good.contains(up)) {
            good.insert(dir.to_owned());
        }
    }
    good
}

/// Writes a page if its bytes differ, as a whole; not synced, for a site can be built again.
fn write_page(out: &Path, path: &SitePath, bytes: &[u8]) -> io::Result<bool> {
    plain::folder(out, Path::new(parent(path).unwrap_or_default()))?;
    if plain::read(out, Path::new(path.as_str()), bytes.len() as u64).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    super::write::replace(&out.join(path.as_str()), bytes)?;
    Ok(true)
}

/// Removes a file that an earlier build wrote, and its folder if that is empty then.
fn remove_page(out: &Path, path: &SitePath) -> bool {
    let folder = Path::new(parent(path).unwrap_or_default());
    let full = out.join(path.as_str());
    if !matches!(plain::folder(out, folder), Ok(Some(_))) || Stamp::of(&full).is_none() {
        return false;
    }
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
