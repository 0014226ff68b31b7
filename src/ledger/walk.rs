//! One pass over verified records in ledger order: everything that depends on what came before.

use super::diagnostics::{about, broken_line};
use super::replay;
use super::verify::{LEDGER, PENDING_FOLDER, Verdict, VerifyInput, at, path};
use crate::digest::{Frontier, LedgerRoot, LineHash, RecordId, RepositoryId};
use crate::id::PackageId;
use crate::record::{Break, Entry, Kind, People, Verified};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a record stands.
pub(super) struct Place {
    pub(super) file: RepoPath,
    pub(super) line: Option<u64>,
    pub(super) seq: u64,
    pub(super) hash: LineHash,
    pub(super) prev: LineHash,
    pub(super) pending: bool,
}

/// A verified record at its place.
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) verified: Verified,
}

/// What the pass knows so far.
pub(super) struct Walk {
    repository: RepositoryId,
    root_of_trust: RecordId,
    skew: i64,
    root_found: bool,
    people: Arc<People>,
    /// For each record, the newest time in its causal past, itself included.
    newest: BTreeMap<RecordId, Timestamp>,
    /// Roots of the ledger file at every size that somebody asks for; see [`sizes`].
    roots: BTreeMap<u64, LedgerRoot>,
    root: LedgerRoot,
    entries: Vec<Entry>,
    breaks: Vec<Break>,
    ineffective: Vec<Break>,
}

impl Walk {
    pub(super) fn new(
        input: &VerifyInput,
        leaves: impl Iterator<Item = [u8; 32]>,
        items: &[Item],
        breaks: Vec<Break>,
    ) -> Walk {
        let sizes = sizes(items);
        let mut frontier = Frontier::default();
        let mut roots = BTreeMap::from([(0, frontier.root())]);
        for leaf in leaves {
            frontier.push(leaf);
            if sizes.contains(&frontier.size()) {
                roots.insert(frontier.size(), frontier.root());
            }
        }
        Walk {
            repository: input.repository,
            root_of_trust: input.root_of_trust,
            skew: i64::from(input.skew_seconds),
            root_found: false,
            people: Arc::default(),
            newest: BTreeMap::new(),
            roots,
            root: frontier.root(),
            entries: Vec::with_capacity(items.len()),
            breaks,
            ineffective: Vec::new(),
        }
    }

    /// Takes the next record.
    pub(super) fn step(&mut self, item: Item) {
        if self.newest.contains_key(&item.verified.id()) {
            let message = "the same record stands earlier already".to_owned();
            self.breaks.push(at("DUPLICATE_RECORD", &item, message));
            return;
        }
        self.check_origin(&item);
        self.check_past(&item);
        let before = Arc::clone(&self.people);
        let founding = self.take_people(&item);
        let record = item.verified.record();
        let key_valid = founding || replay::key_valid(&before, record);
        let Place { seq, hash, prev, pending, .. } = item.place;
        self.entries.push(Entry {
            seq,
            hash,
            prev,
            pending,
            verified: item.verified,
            people: before,
            key_valid,
        });
    }

    fn check_origin(&mut self, item: &Item) {
        let record = item.verified.record();
        if record.repository != self.repository {
            let message = format!("this record was made in the repository {}", record.repository);
            self.breaks.push(at("WRONG_REPOSITORY", item, message));
        }
        if let Some(person) = self.people.person(&record.signer.person)
            && person.name != record.signer.name
        {
            let message = format!(
                "this record prints the name \"{}\", but `{}` is enrolled as \"{}\"",
                record.signer.name, person.id, person.name
            );
            self.breaks.push(at("WRONG_NAME", item, message));
        }
    }

    fn check_past(&mut self, item: &Item) {
        let record = item.verified.record();
        let mut newest = record.signed_at;
        for parent in &record.parents {
            match self.newest.get(parent) {
                Some(time) => newest = newest.max(*time),
                None => {
                    let message = format!("this record builds on {parent}, which does not stand before it");
                    self.breaks.push(at("PARENT_MISSING", item, message));
                }
            }
        }
        if record.signed_at.plus_seconds(self.skew) < newest {
            let message = format!(
                "this record claims {}, but it builds on one of {newest}; {} seconds of skew are allowed",
                record.signed_at, self.skew
            );
            self.breaks.push(at("TIME_BEFORE_PAST", item, message));
        }
        self.newest.insert(item.verified.id(), newest);
        let seen = record.seen;
        if seen.size > item.place.seq || self.roots.get(&seen.size) != Some(&seen.root) {
            let message = format!(
                "its signer had seen {} ledger lines with the root {}; this ledger is another one",
                seen.size,
                seen.root.short()
            );
            self.breaks.push(at("SEEN_MISMATCH", item, message));
        }
    }

    /// Folds a record about people; true if it is the root of trust.
    fn take_people(&mut self, item: &Item) -> bool {
        let (id, record, seq) = (item.verified.id(), item.verified.record(), item.place.seq);
        let first = seq == 0;
        if first && (id != self.root_of_trust || record.kind() != Kind::People) {
            return false;
        }
        match replay::apply(&self.people, id, record, seq) {
            None => false,
            Some(Ok(next)) => {
                self.people = Arc::new(next);
                self.root_found |= first;
                first
            }
            Some(Err(reason)) => {
                let it =
                    at("PEOPLE_REFUSED", item, format!("this record about people has no effect: {reason}"));
                let list = if item.place.pending { &mut self.breaks } else { &mut self.ineffective };
                list.push(it);
                false
            }
        }
    }

    /// The verdict so far, and whether the root of trust was found in its place.
    pub(super) fn finish(self, size: u64) -> (Verdict, bool) {
        let Walk { entries, root, roots, people, mut breaks, ineffective, root_found, .. } = self;
        // A key may have been revoked or enrolled later; but a record by a key that was never this person's
        // at all is nobody's statement, and has no place here.
        for entry in entries.iter().filter(|e| !e.key_valid) {
            let signer = &entry.record().signer;
            if people.owner(&signer.key).is_none_or(|(person, _)| person.id != signer.person) {
                breaks.push(unknown_key(entry));
            }
        }
        (Verdict { entries, size, root, roots, people, breaks, ineffective }, root_found)
    }
}

/// The sizes whose roots are kept: those that some record has seen, and those where an export may end, which
/// is after the last record about people, after the last one about a package, and after each certificate.
fn sizes(items: &[Item]) -> BTreeSet<u64> {
    let mut ends: BTreeMap<Option<&PackageId>, u64> = BTreeMap::new();
    let mut sizes: BTreeSet<u64> = items.iter().map(|item| item.verified.record().seen.size).collect();
    for item in items.iter().filter(|item| !item.place.pending) {
        let (record, after) = (item.verified.record(), item.place.seq + 1);
        let about = record.package().filter(|_| record.kind().about_package());
        ends.insert(about, after);
        sizes.extend((record.kind() == Kind::Certify).then_some(after));
    }
    sizes.extend(ends.into_values());
    sizes
}

fn unknown_key(entry: &Entry) -> Break {
    let signer = &entry.record().signer;
    let message = format!("`{}` never had the key {} that signed this record", signer.person, signer.key);
    let (file, line) = if entry.pending {
        (path(&format!("{PENDING_FOLDER}/{}.json", entry.id())), None)
    } else {
        (path(LEDGER), Some(entry.seq + 1))
    };
    about(broken_line("UNKNOWN_KEY", &file, line, message), entry.id(), entry.record())
}
