//! Facts of packages between runs, under `.countersign/` (never committed).
//!
//! The key is the digest of everything the facts were derived from, so a stale entry cannot be used; a
//! damaged or old cache file is simply not read.

use crate::digest::sha256;
use crate::dossier::Facts;
use crate::package::Package;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

const FOLDER: &str = ".countersign/facts";
/// Files the facts are spread over: one changed package writes one of them.
const SHARDS: usize = 64;
/// Changes with the shape of [`Package`] or the meaning of a check.
const VERSION: &str = concat!("facts/2 ", env!("CARGO_PKG_VERSION"));

fn file(root: &Path, shard: usize) -> PathBuf {
    root.join(format!("{FOLDER}/{shard:02}.jsonl"))
}

pub(super) fn read(root: &Path) -> Facts {
    let shards = (0..SHARDS).into_par_iter().flat_map_iter(|n| shard(&file(root, n)).unwrap_or_default());
    shards.collect::<Vec<_>>().into_iter().collect()
}

/// A line with the version, then one a package.
fn shard(path: &Path) -> Option<Vec<Arc<Package>>> {
    let text = std::fs::read_to_string(path).ok()?;
    let (head, body) = text.split_once('\n')?;
    let lines = (head == VERSION).then(|| body.split_terminator('\n'))?;
    lines.map(|line| serde_json::from_str(line).ok().map(Arc::new)).collect()
}

/// Writes what changed. A cache that cannot be written costs time, not correctness; so it is not an error,
/// and it is not synced.
pub(super) fn write(root: &Path, known: &Facts, facts: &Facts) {
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
            let _ = super::write::replace(&file(root, n), &text);
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
