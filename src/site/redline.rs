//! The comparison of two texts as the diff page prints it: blocks, and in a changed block, words.
//!
//! This file is the seam to `diff::revisions`, which compares parsed documents; until it is joined, blocks
//! are paragraphs of the source.

use super::markdown::exact;
use crate::digest::FileDigest;
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A block of text, changed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Block {
    /// `same`, `added`, `removed` or `changed`.
    pub kind: &'static str,
    pub runs: Vec<Run>,
}

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// `same`, `ins` or `del`.
    pub kind: &'static str,
    pub text: String,
}

type Place = (RepoPath, FileDigest);

/// Compares two files; `None` when one is not what its digest says.
pub(crate) fn blocks(sources: &dyn Sources, old: Option<&Place>, new: Option<&Place>) -> Option<Vec<Block>> {
    let read = |place: Option<&Place>| match place {
        None => Some(String::new()),
        Some((path, digest)) => exact(sources, path, digest).and_then(|b| String::from_utf8(b).ok()),
    };
    let (old, new) = (read(old)?, read(new)?);
    let (a, b): (Vec<&str>, Vec<&str>) = (paragraphs(&old), paragraphs(&new));
    let diff = TextDiff::from_slices(&a, &b);
    let mut out = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => removed.push(change.value()),
            ChangeTag::Insert => added.push(change.value()),
            ChangeTag::Equal => {
                flush(&mut removed, &mut added, &mut out);
                out.push(Block { kind: "same", runs: vec![run("same", change.value())] });
            }
        }
    }
    flush(&mut removed, &mut added, &mut out);
    Some(out)
}

fn paragraphs(text: &str) -> Vec<&str> {
    text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).collect()
}

fn run(kind: &'static str, text: impl Into<String>) -> Run {
    Run { kind, text: text.into() }
}

/// Removed and added blocks that stand at one place are compared word by word, in pairs.
fn flush(removed: &mut Vec<&str>, added: &mut Vec<&str>, out: &mut Vec<Block>) {
    let pairs = removed.len().min(added.len());
    for (old, new) in removed.iter().zip(added.iter()) {
        out.push(Block { kind: "changed", runs: words(old, new) });
    }
    out.extend(removed[pairs..].iter().map(|t| Block { kind: "removed", runs: vec![run("del", *t)] }));
    out.extend(added[pairs..].iter().map(|t| Block { kind: "added", runs: vec![run("ins", *t)] }));
    removed.clear();
    added.clear();
}

fn words(old: &str, new: &str) -> Vec<Run> {
    let diff = TextDiff::from_words(old, new);
    let mut out: Vec<Run> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Delete => "del",
            ChangeTag::Insert => "ins",
        };
        match out.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(change.value()),
            None => out.push(run(kind, change.value())),
        }
    }
    out
}
