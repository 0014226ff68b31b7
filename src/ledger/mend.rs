//! Mending a ledger after two branches both appended (SPEC section 4.4).
//!
//! Lines that are not on the base become pending again, to be appended anew. No signature is needed,
//! because no position was ever signed. Only a record that has *seen* lines which now move cannot be
//! kept: its signature vouches for a history that will not exist.

use super::append::{AppendError, new_lines};
use super::line::{Ledger, LedgerError, Line, Pending};
use crate::digest::RecordId;
use std::collections::BTreeSet;

/// What mending gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The base with every moved record appended.
    pub ledger: Ledger,
    /// The records that moved, in their new order.
    pub moved: Vec<RecordId>,
}

/// Why a ledger cannot be mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MendError {
    /// A line of a side cannot be read.
    #[error("{0}")]
    Line(#[from] LedgerError),
    /// The conflict markers do not pair up.
    #[error(
        "chains/ledger.jsonl:{0}: the conflict markers do not pair up; start over with `git merge --abort`"
    )]
    Markers(u64),
    /// A signature covers a record that has to move.
    #[error(
        "record {moved} has to move to another line, but the signer of record {by} had seen {size} lines with it in its old place; sign {by} again on the base's ledger and drop the old signature"
    )]
    Covered {
        /// The record that has to move.
        moved: RecordId,
        /// The record whose `seen` covers it.
        by: RecordId,
        /// How many lines were seen.
        size: u64,
    },
    /// The records do not fit onto the base.
    #[error("{0}")]
    Append(#[from] AppendError),
}

/// Appends to `base`, the ledger as it stands on the base branch, every record of the `sides` that the
/// base lacks.
///
/// # Errors
/// When a moved record is covered by another record's `seen`, or a parent is missing.
pub fn mend(base: &Ledger, sides: &[Vec<Line>]) -> Result<Mended, MendError> {
    let known: BTreeSet<RecordId> = base.lines().iter().map(|line| line.id).collect();
    let mut pending = Vec::new();
    for side in sides {
        for (at, line) in side.iter().enumerate().filter(|(_, line)| !known.contains(&line.id)) {
            let one = Pending::new(line.signed.clone())
                .map_err(|e| LedgerError { line: at as u64 + 1, problem: e.to_string() })?;
            covered(base, side, &one)?;
            pending.push(one);
        }
    }
    let lines = new_lines(base, pending)?;
    let moved = lines.iter().map(|line| line.id).collect();
    Ok(Mended { ledger: base.extended(lines), moved })
}

/// Refuses a record whose `seen` reaches over a line of its side that is not on the base in that place.
fn covered(base: &Ledger, side: &[Line], record: &Pending) -> Result<(), MendError> {
    let size = record.record.seen.size;
    let common = side.iter().zip(base.lines()).take_while(|(a, b)| a.hash() == b.hash()).count();
    if size <= common as u64 {
        return Ok(());
    }
    match side.get(common) {
        Some(line) => Err(MendError::Covered { moved: line.id, by: record.id, size }),
        // It has seen more lines than its own side has; append says so.
        None => Ok(()),
    }
}

/// Reads a ledger file in Git's conflict state: the lines of either side, common lines in both. A file
/// without markers gives the same lines twice. Both styles, with and without the common ancestor, are
/// read.
///
/// # Errors
/// When a line cannot be read or markers do not pair up.
pub fn read_conflict(text: &str) -> Result<[Vec<Line>; 2], MendError> {
    #[derive(PartialEq)]
    enum Part {
        Both,
        Ours,
        Ancestor,
        Theirs,
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut part = Part::Both;
    let mut last = 0;
    for (at, line) in (1u64..).zip(text.split_terminator('\n')) {
        last = at;
        // Git writes markers with CR LF into files it believes to have such endings.
        let marker = line.trim_end_matches('\r');
        let next = match marker.get(..7) {
            Some("<<<<<<<") => Some((Part::Both, Part::Ours)),
            Some("|||||||") => Some((Part::Ours, Part::Ancestor)),
            Some("=======") if part == Part::Ancestor => Some((Part::Ancestor, Part::Theirs)),
            Some("=======") => Some((Part::Ours, Part::Theirs)),
            Some(">>>>>>>") => Some((Part::Theirs, Part::Both)),
            _ => None,
        };
        if let Some((from, to)) = next {
            if part != from {
                return Err(MendError::Markers(at));
            }
            part = to;
            continue;
        }
        let read =
            || Line::parse(line.as_bytes()).map_err(|e| LedgerError { line: at, problem: e.to_string() });
        match part {
            Part::Both => {
                let line = read()?;
                ours.push(line.clone());
                theirs.push(line);
            }
            Part::Ours => ours.push(read()?),
            Part::Theirs => theirs.push(read()?),
            Part::Ancestor => {}
        }
    }
    if part == Part::Both { Ok([ours, theirs]) } else { Err(MendError::Markers(last)) }
}
