//! Append: pending records get their positions (SPEC section 4.3).

use super::line::{Ledger, Line, Pending};
use crate::digest::RecordId;
use crate::record::{Kind, Record};
use std::collections::{BTreeMap, BTreeSet};

/// Why pending records cannot join the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A record builds on one that is neither in the ledger nor pending.
    #[error(
        "record {record} builds on {parent}, which is neither in the ledger nor in chains/pending; restore that file or sign the record again"
    )]
    ParentMissing {
        /// The record.
        record: RecordId,
        /// What it builds on.
        parent: RecordId,
    },
    /// A record witnesses another history.
    #[error(
        "record {record} has seen {size} ledger lines that are not the first {size} lines of this ledger; it must be signed again on this one"
    )]
    SeenElsewhere {
        /// The record.
        record: RecordId,
        /// How many lines it has seen.
        size: u64,
    },
}

/// Appends pending records: parents before children, otherwise by id. Records that are in the ledger
/// already are skipped. The order of `pending` does not matter.
///
/// # Errors
/// When the ledger would not verify with them. Signatures are not checked here: `verify` does, on the
/// result.
pub fn append(ledger: &Ledger, pending: Vec<Pending>) -> Result<Ledger, AppendError> {
    Ok(ledger.extended(new_lines(ledger, pending)?))
}

/// Only the lines that [`append`] would add.
///
/// # Errors
/// As [`append`].
pub fn new_lines(ledger: &Ledger, pending: Vec<Pending>) -> Result<Vec<Line>, AppendError> {
    let known: BTreeSet<RecordId> = ledger.lines().iter().map(|line| line.id).collect();
    let mut waiting: BTreeMap<RecordId, Pending> = BTreeMap::new();
    for one in pending.into_iter().filter(|p| !known.contains(&p.id)) {
        // Two files with one record and two signatures: the choice must not depend on the order.
        let keep = waiting.get(&one.id).is_none_or(|other| key(&one) < key(other));
        if keep {
            waiting.insert(one.id, one);
        }
    }
    check(ledger, &known, &waiting)?;
    let order = order(waiting.iter().map(|(id, p)| (*id, &p.record)));
    let (mut seq, mut prev) = (ledger.size(), ledger.head());
    let mut lines = Vec::with_capacity(order.len());
    for id in order {
        let signed = waiting.remove(&id).expect("order names each waiting record once").signed;
        let line = Line::new(seq, prev, signed);
        (seq, prev) = (seq + 1, line.hash());
        lines.push(line);
    }
    Ok(lines)
}

fn key(pending: &Pending) -> (&str, Option<&str>) {
    (&pending.signed.sig, pending.signed.tst.as_deref())
}

fn check(
    ledger: &Ledger,
    known: &BTreeSet<RecordId>,
    waiting: &BTreeMap<RecordId, Pending>,
) -> Result<(), AppendError> {
    let sizes = waiting.values().map(|p| p.record.seen.size).collect();
    let roots = ledger.roots(&sizes);
    for (id, pending) in waiting {
        let there = |parent: &&RecordId| known.contains(parent) || waiting.contains_key(parent);
        if let Some(parent) = pending.record.parents.iter().find(|parent| !there(parent)) {
            return Err(AppendError::ParentMissing { record: *id, parent: *parent });
        }
        let seen = pending.record.seen;
        if roots.get(&seen.size) != Some(&seen.root) {
            return Err(AppendError::SeenElsewhere { record: *id, size: seen.size });
        }
    }
    Ok(())
}

/// The order of pending records: again and again, of those whose pending parents are all placed, a people
/// record first, then a delegation or its end, then any other, and of those the smallest id. Were a
/// revocation to wait behind a decision or a delegation only because of its id, whoever holds the revoked key
/// could grind for a smaller one. Parents that are not pending are taken as placed.
pub(super) fn order<'a>(records: impl Iterator<Item = (RecordId, &'a Record)>) -> Vec<RecordId> {
    let records: BTreeMap<RecordId, &Record> = records.collect();
    let mut children: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    let mut missing: BTreeMap<RecordId, usize> = BTreeMap::new();
    let mut ready: BTreeSet<(u8, RecordId)> = BTreeSet::new();
    let rank = |id: &RecordId| match records[id].kind() {
        Kind::People => (0, *id),
        kind if !kind.about_package() => (1, *id),
        _ => (2, *id),
    };
    for (id, record) in &records {
        let parents: Vec<_> = record.parents.iter().filter(|p| records.contains_key(p)).collect();
        if parents.is_empty() {
            ready.insert(rank(id));
        } else {
            missing.insert(*id, parents.len());
            parents.into_iter().for_each(|p| children.entry(*p).or_default().push(*id));
        }
    }
    let mut placed = Vec::with_capacity(records.len());
    while let Some((_, id)) = ready.pop_first() {
        placed.push(id);
        for child in children.remove(&id).unwrap_or_default() {
            if let Some(left) = missing.get_mut(&child) {
                *left -= 1;
                if *left == 0 {
                    missing.remove(&child);
                    ready.insert(rank(&child));
                }
            }
        }
    }
    // A cycle would need a record that contains its own hash.
    placed.extend(missing.into_keys());
    placed
}
