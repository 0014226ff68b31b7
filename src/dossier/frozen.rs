//! Frozen revisions against the submissions that signed them.
//!
//! The signed `submit` record holds the whole MANIFEST, so a changed byte is named by file, not only by
//! "the digest differs". A folder that nobody signed, or a submission whose folder is gone, is a break
//! too: what was approved must stay where it was.

use super::input::{Folder, FrozenFolder};
use crate::digest::{ChainDigest, sha256};
use crate::record::{Body, Break, Entry, Submit};
use crate::text::RepoPath;
use std::collections::BTreeMap;

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "FROZEN_FILE_CHANGED",
        "A file of a frozen revision is not the one that was submitted.",
        "Restore it from the history of the repository. A correction is a new revision: edit the working copy and submit again.",
    ),
    (
        "FROZEN_FILE_MISSING",
        "A file of a frozen revision is gone.",
        "Restore it from the history of the repository.",
    ),
    (
        "FROZEN_FILE_ADDED",
        "A frozen revision holds a file that was not submitted.",
        "Remove it; new evidence belongs in the working copy and a new revision.",
    ),
    (
        "FROZEN_MANIFEST_CHANGED",
        "The MANIFEST of a frozen revision is not the one that was signed.",
        "Restore it from the history of the repository.",
    ),
    (
        "FROZEN_CHAIN_CHANGED",
        "The chain pinned with a revision is not the one that was signed.",
        "Restore `chain.toml` of that revision. New rules apply from the next submission on.",
    ),
    (
        "FROZEN_REVISION_MISSING",
        "A revision was submitted and its frozen copy is not there.",
        "Restore the folder from the history of the repository.",
    ),
    (
        "FROZEN_REVISION_UNSIGNED",
        "There is a frozen revision that no record submitted.",
        "Remove the folder. If a submission was interrupted, run `countersign submit` again: it cleans up by itself.",
    ),
];

/// Compares one package's frozen folders with its submissions, in order of revision.
pub(super) fn compare(folder: &Folder, submissions: &BTreeMap<u32, &Entry>, breaks: &mut Vec<Break>) {
    let say = |code: &'static str, path: RepoPath, entry: Option<&Entry>, message: String| Break {
        code,
        path,
        line: None,
        record: entry.map(Entry::id),
        package: Some(folder.id.clone()),
        message,
    };
    let revisions = folder.base.join("revisions").expect("plain");
    for (number, entry) in submissions {
        let path = revisions.join(&number.to_string()).expect("plain");
        match folder.frozen.iter().find(|f| f.number == *number) {
            Some(frozen) => one(folder, frozen, entry, breaks),
            None => breaks.push(say(
                "FROZEN_REVISION_MISSING",
                path,
                Some(entry),
                format!("revision {number} was submitted, but its frozen copy is not there"),
            )),
        }
    }
    // The next number alone can be the trace of an interrupted submission; it has no effect.
    let next = submissions.keys().next_back().map_or(1, |n| n + 1);
    for frozen in folder.frozen.iter().filter(|f| !submissions.contains_key(&f.number) && f.number != next) {
        let message = format!("no record submitted revision {} of this package", frozen.number);
        breaks.push(say("FROZEN_REVISION_UNSIGNED", frozen.base.clone(), None, message));
    }
    for stray in &folder.strays {
        let path = revisions.join(stray).unwrap_or_else(|_| revisions.clone());
        let message = format!("`{}` is not a revision that a record submitted", stray.escape_debug());
        breaks.push(say("FROZEN_REVISION_UNSIGNED", path, None, message));
    }
}

fn one(folder: &Folder, frozen: &FrozenFolder, entry: &Entry, breaks: &mut Vec<Break>) {
    let (Body::Submit(Submit { manifest: signed, .. }), Some(subject)) =
        (&entry.record().body, &entry.record().subject)
    else {
        return;
    };
    let mut say = |code: &'static str, path: RepoPath, message: String| {
        breaks.push(Break {
            code,
            path,
            line: None,
            record: Some(entry.id()),
            package: Some(folder.id.clone()),
            message,
        });
    };
    let place = |name: &str| frozen.base.join(name).unwrap_or_else(|_| frozen.base.clone());
    if frozen.manifest.as_deref() != Some(signed.as_bytes()) {
        say(
            "FROZEN_MANIFEST_CHANGED",
            place("MANIFEST"),
            format!("MANIFEST of revision {} is not the one that was signed", frozen.number),
        );
    }
    let pinned = frozen.chain.as_deref().map(|bytes| ChainDigest(sha256(bytes)));
    if pinned != Some(subject.chain.sha256) {
        say(
            "FROZEN_CHAIN_CHANGED",
            place("chain.toml"),
            format!("the chain pinned by revision {} is not the one that was signed", frozen.number),
        );
    }
    let rows = |text: &str| -> BTreeMap<String, String> {
        text.lines().filter_map(|l| l.split_once("  ")).map(|(d, p)| (p.to_owned(), d.to_owned())).collect()
    };
    let want = rows(signed);
    let have: BTreeMap<String, String> =
        frozen.files.iter().map(|f| (f.path.clone(), f.digest.to_string())).collect();
    for (path, digest) in &want {
        match have.get(path) {
            Some(found) if found == digest => {}
            Some(_) => say(
                "FROZEN_FILE_CHANGED",
                place(path),
                format!("{path} of revision {} is not the file that was submitted", frozen.number),
            ),
            None => say(
                "FROZEN_FILE_MISSING",
                place(path),
                format!("{path} of revision {} is gone", frozen.number),
            ),
        }
    }
    for path in have.keys().filter(|path| !want.contains_key(*path)) {
        say(
            "FROZEN_FILE_ADDED",
            place(path),
            format!("{path} was not submitted with revision {}", frozen.number),
        );
    }
    for problem in frozen.problems.iter() {
        say("FROZEN_FILE_ADDED", frozen.base.clone(), problem.message.clone());
    }
}
