//! The comparison of two revisions as the diff page prints it: blocks; in a changed block, words; in a
//! changed table, rows and cells. What changed is decided by `diff::revisions`; here it is laid out.
//!
//! In: two frozen revisions. Out: [`compare`] gives what changed in the text of each section. `unlink` says
//! links in words.
//!
//! *Invariant:* a change of a link's target is never silent.

mod unlink;

use crate::diff::{self, BlockChange, Change, SectionDiff, Side, TableChange, Tag};
use crate::engine::Revision;
use crate::id::{PackageId, SectionId};
use crate::package::Package;
use crate::text::{RepoPath, Sources};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Two revisions and where their files lie.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    old: (Arc<Package>, RepoPath),
    new: (Arc<Package>, RepoPath),
}

/// What changed in the text of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    pub blocks: Vec<Block>,
    /// True if the words are the same and only their form differs.
    pub formatting: bool,
}

/// A block that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Block {
    /// `added`, `removed` or `changed`.
    pub kind: &'static str,
    /// What it is and where it stands, in words.
    pub place: String,
    /// The words, of anything but a changed table.
    pub runs: Vec<Run>,
    /// What came, went or moved in a changed table as a whole.
    pub notes: Vec<String>,
    /// The cells that differ, of a changed table.
    pub cells: Vec<Cell>,
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Cell {
    pub row: String,
    pub column: String,
    pub runs: Vec<Run>,
}

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// `same`, `ins` or `del`.
    pub kind: &'static str,
    pub text: String,
}

impl Pair {
    pub(crate) fn new(id: &PackageId, old: &Revision, new: &Revision) -> Option<Pair> {
        let side = |r: &Revision| {
            let folder = format!("packages/{id}/revisions/{}", r.number).parse().ok()?;
            Some((Arc::clone(&r.package), folder))
        };
        Some(Pair { old: side(old)?, new: side(new)? })
    }

    /// A revision and the working copy, which lies above the frozen folders.
    pub(crate) fn working(id: &PackageId, old: &Revision, new: &Revision) -> Option<Pair> {
        let folder = format!("packages/{id}").parse().ok()?;
        Some(Pair { new: (Arc::clone(&new.package), folder), ..Pair::new(id, old, new)? })
    }
}

/// Compares the texts; `None` when one is not what its digest says.
pub(crate) fn compare(pair: &Pair, sources: &dyn Sources) -> Option<BTreeMap<SectionId, Compared>> {
    let old = Side::load(&pair.old.0, &pair.old.1, sources).ok()?;
    let new = Side::load(&pair.new.0, &pair.new.1, sources).ok()?;
    let sections = diff::revisions(&old, &new).sections.into_iter();
    Some(sections.map(|s| (s.section.clone(), compared(&s))).collect())
}

fn compared(section: &SectionDiff) -> Compared {
    Compared { blocks: section.blocks.iter().map(block).collect(), formatting: section.formatting }
}

fn block(change: &BlockChange) -> Block {
    let (kind, word) = words(change.change);
    let within = if change.within.is_empty() { String::new() } else { format!(" in a {}", change.within) };
    let under =
        if change.heading.is_empty() { String::new() } else { format!(", under “{}”", change.heading) };
    let (old, new) = (change.old.as_deref().unwrap_or(""), change.new.as_deref().unwrap_or(""));
    let table = change.table.as_ref();
    Block {
        kind,
        place: format!("{word} {}{within}{under}", change.kind),
        runs: match change.kind {
            _ if table.is_some() => Vec::new(),
            "code" | "raw" => runs(old, new),
            "heading" => in_words(unlink::heading(old), unlink::heading(new)),
            _ => in_words(old, new),
        },
        notes: table.map_or(Vec::new(), notes),
        cells: table.map_or(Vec::new(), cells),
    }
}

fn words(change: Change) -> (&'static str, &'static str) {
    match change {
        Change::Added => ("added", "Added"),
        Change::Removed => ("removed", "Removed"),
        Change::Modified => ("changed", "Changed"),
    }
}

fn notes(table: &TableChange) -> Vec<String> {
    let columns = table.columns.iter().map(|c| format!("{} column “{}”.", words(c.change).1, c.column));
    let moved = table.moved.then(|| "Rows or columns are in another order.".to_owned());
    columns.chain(moved).collect()
}

fn cells(table: &TableChange) -> Vec<Cell> {
    let mut out = Vec::new();
    for row in &table.rows {
        let name = match row.change {
            Change::Modified => row.row.clone(),
            change => format!("{} ({} row)", row.row, words(change).0),
        };
        out.extend(row.cells.iter().map(|c| Cell {
            row: name.clone(),
            column: c.column.clone(),
            runs: in_words(c.old.as_deref().unwrap_or(""), c.new.as_deref().unwrap_or("")),
        }));
    }
    out
}

/// Runs of words without the marks of links.
fn in_words(old: &str, new: &str) -> Vec<Run> {
    let (old, new) = unlink::both(old, new);
    runs(&old, &new)
}

fn runs(old: &str, new: &str) -> Vec<Run> {
    let kind = |tag| match tag {
        Tag::Same => "same",
        Tag::Removed => "del",
        Tag::Added => "ins",
    };
    diff::redline(old, new).into_iter().map(|r| Run { kind: kind(r.tag), text: r.text }).collect()
}
