//! What this user's earlier runs found, in the user's own cache folder.
//!
//! Never in the repository: anybody can commit a file, and what is found here is believed. The key is the digest of everything the facts were derived from, so a stale entry cannot be used; a
//! damaged or old cache file is simply not read.

use super::plain;
use crate::digest::sha256;
use crate::dossier::Facts;
use crate::package::Package;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

/// Files the facts are spread over: one changed package writes one of them.
const SHARDS: usize = 64;
/// Changes with the shape of [`Package`] or the meaning of a check.
const VERSION: &str = concat!("facts/2 ", env!("CARGO_PKG_VERSION"));

/// Largest file of facts that is read.
const MAX_SHARD: u64 = 1024 * 1024 * 1024;

/// The cache folder of one workspace or output folder; `None` when the user has no cache.
pub(super) fn folder(of: &Path) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    let of = of.canonicalize().ok()?;
    let key = sha256(of.as_os_str().as_encoded_bytes());
    let key: String = key[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Some(base.join("countersign").join(key))
}

fn file(shard: usize) -> PathBuf {
    PathBuf::from(format!("facts/{shard:02}.jsonl"))
}

pub(super) fn read(root: &Path) -> Facts {
    let Some(folder) = folder(root) else { return Facts::default() };
    let shards = (0..SHARDS).into_par_iter().flat_map_iter(|n| shard(&folder, &file(n)).unwrap_or_default());
    shards.collect::<Vec<_>>().into_iter().collect()
}

/// A line with the version, then one a package.
fn shard(folder: &Path, path: &Path) -> Option<Vec<Arc<Package>>> {
    let text = String::from_utf8(plain::read(folder, path, MAX_SHARD).ok()?).ok()?;
    let (head, body) = text.split_once('\n')?;
    let lines = (head == VERSION).then(|| body.split_terminator('\n'))?;
    lines.map(|line| serde_json::from_str(line).ok().map(Arc::new)).collect()
}

/// Writes what changed. A cache that cannot be written costs time, not correctness; so it is not an error,
/// and it is not synced.
pub(super) fn write(root: &Path, known: &Facts, facts: &Facts) {
    let Some(folder) = folder(root) else { return };
    // A link there leads somewhere else, and nothing is written there.
    if plain::folder(&folder, Path::new("facts")).is_err() {
        return;
    }
    let (old, new) = (spread(known), spread(facts));
    (0..SHARDS).into_par_iter().for_each(|n| {
        // What was taken over from the last run is the same object, not only an equal one.
        let same = old[n].len() == new[n].len() && old[n].iter().zip(&new[n]).all(|(a, b)| ptr::eq(*a, *b));
        if !same {
            let mut text = format!("{VERSION}\n").into_bytes();
            for package in &new[n] {
                if serde_json::to_writer(&mut text, package).is_err() {
                    return;
                }
                text.push(b'\n');
            }
            let _ = super::write::replace(&folder.join(file(n)), &text);
        }
    });
}

fn spread(facts: &Facts) -> Vec<Vec<&Package>> {
    let mut out = vec![Vec::new(); SHARDS];
    for package in facts.iter() {
        out[usize::from(sha256(package.id.as_str().as_bytes())[0]) % SHARDS].push(package);
    }
    out
}
