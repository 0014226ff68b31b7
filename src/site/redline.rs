//! The comparison of two texts as the diff page prints it: blocks; in a changed block, words; in a changed
//! table, rows and cells.
//!
//! This file is the seam to `diff::revisions`, which compares parsed documents. Until it is joined, blocks
//! are paragraphs of the source; the view types stay.

use super::markdown::exact;
use crate::digest::FileDigest;
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Block {
    /// `same`, `added`, `removed` or `changed`.
    pub kind: &'static str,
    /// The words, of anything but a changed table. Unchanged blocks that follow each other are one.
    pub paragraphs: Vec<Vec<Run>>,
    /// Names of the columns, of a changed table.
    pub head: Vec<String>,
    /// Rows that differ, of a changed table.
    pub rows: Vec<Row>,
    /// Rows that do not.
    pub same_rows: usize,
}

/// A row of a changed table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// `added`, `removed` or `changed`.
    pub kind: &'static str,
    pub cells: Vec<Vec<Run>>,
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
    let mut out: Vec<Block> = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => removed.push(change.value()),
            ChangeTag::Insert => added.push(change.value()),
            ChangeTag::Equal => {
                flush(&mut removed, &mut added, &mut out);
                let run = vec![run("same", change.value())];
                match out.last_mut().filter(|last| last.kind == "same") {
                    Some(last) => last.paragraphs.push(run),
                    None => out.push(text("same", run)),
                }
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

fn text(kind: &'static str, runs: Vec<Run>) -> Block {
    Block { kind, paragraphs: vec![runs], head: Vec::new(), rows: Vec::new(), same_rows: 0 }
}

/// Removed and added blocks that stand at one place are compared in pairs.
fn flush(removed: &mut Vec<&str>, added: &mut Vec<&str>, out: &mut Vec<Block>) {
    let pairs = removed.len().min(added.len());
    for (old, new) in removed.iter().zip(added.iter()) {
        out.push(table(old, new).unwrap_or_else(|| text("changed", words(old, new))));
    }
    out.extend(removed[pairs..].iter().map(|t| text("removed", vec![run("del", *t)])));
    out.extend(added[pairs..].iter().map(|t| text("added", vec![run("ins", *t)])));
    removed.clear();
    added.clear();
}

/// Two tables with the same columns, row by row; a row is known by its first cell.
fn table(old: &str, new: &str) -> Option<Block> {
    let cells = |line: &str| -> Option<Vec<String>> {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(|c| c.trim().to_owned()).collect())
    };
    let read = |text: &str| -> Option<Vec<Vec<String>>> { text.lines().map(cells).collect() };
    let (old, new) = (read(old)?, read(new)?);
    let head = new.first()?.clone();
    if old.first() != Some(&head) || old.len() < 2 || new.len() < 2 {
        return None;
    }
    let mut block = Block { kind: "changed", paragraphs: Vec::new(), head, rows: Vec::new(), same_rows: 0 };
    let whole = |kind, row: &[String]| row.iter().map(|c| vec![run(kind, c.clone())]).collect();
    for row in &new[2..] {
        match old[2..].iter().find(|o| o.first() == row.first()) {
            Some(before) if before == row => block.same_rows += 1,
            Some(before) => {
                let cells =
                    row.iter().enumerate().map(|(i, c)| words(before.get(i).map_or("", String::as_str), c));
                block.rows.push(Row { kind: "changed", cells: cells.collect() });
            }
            None => block.rows.push(Row { kind: "added", cells: whole("ins", row) }),
        }
    }
    let gone = old[2..].iter().filter(|o| !new[2..].iter().any(|n| n.first() == o.first()));
    block.rows.extend(gone.map(|row| Row { kind: "removed", cells: whole("del", row) }));
    Some(block)
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
