//! The whole check of ledger, pending records and people file (SPEC section 4.5).

use super::diagnostics::{about, broken, broken_line};
use super::line::{Line, read_pending};
use super::walk::{Item, Place, Walk};
use super::{append, people};
use crate::digest::{LedgerRoot, LineHash, RecordId, RepositoryId, leaf_hash, sha256};
use crate::record::{Break, Entry, Keyring, People, Refusal, Sighted, Signed, Verified};
use crate::text::RepoPath;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where the ledger lies.
pub const LEDGER: &str = "chains/ledger.jsonl";
/// Where pending records lie.
pub const PENDING_FOLDER: &str = "chains/pending";
/// Where the people file lies.
pub const PEOPLE: &str = "chains/people.toml";

/// Everything [`verify`] looks at.
#[derive(Debug, Clone)]
pub struct VerifyInput {
    /// The repository's id, from countersign.toml.
    pub repository: RepositoryId,
    /// The id of the first people record, from countersign.toml.
    pub root_of_trust: RecordId,
    /// The bytes of `chains/ledger.jsonl`; empty if the file is not there.
    pub ledger_text: Vec<u8>,
    /// The files in `chains/pending/`.
    pub pending: Vec<(RepoPath, Vec<u8>)>,
    /// The bytes of `chains/people.toml`; empty if the file is not there.
    pub people_toml: Vec<u8>,
    /// By how much a record may claim to be older than its causal past.
    pub skew_seconds: u32,
}

/// What [`verify`] found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Every record that verified, at its position; pending ones last, in the order append would give.
    pub entries: Vec<Entry>,
    /// Lines of the ledger file.
    pub size: u64,
    /// Root over them.
    pub root: LedgerRoot,
    /// Roots over the first so many lines: what some record has seen, and where an export may end.
    pub roots: BTreeMap<u64, LedgerRoot>,
    /// The people after all entries.
    pub people: Arc<People>,
    /// What does not hold; empty when everything verifies.
    pub breaks: Vec<Break>,
    /// People records in the ledger that have no effect, and why. They are history, not tampering: two
    /// registrars may have enrolled the same person at once. (Pending, they are breaks.)
    pub ineffective: Vec<Break>,
}

/// A record read from a file, before its signature is checked.
struct Read {
    place: Place,
    sighted: Result<Sighted, Refusal>,
    id: RecordId,
}

/// Checks everything and goes on after each break as far as possible.
pub fn verify(input: &VerifyInput) -> Verdict {
    let mut breaks = Vec::new();
    let (lines, raw) = read_ledger(&input.ledger_text, &mut breaks);
    let waiting = read_folder(&input.pending, &mut breaks);
    let size = raw.len() as u64;

    let sighted = lines.iter().chain(&waiting).filter_map(|read| read.sighted.as_ref().ok());
    let keyring = Keyring::gather(sighted);
    let mut items = check_signatures(lines, &keyring, &mut breaks);
    let mut pending = check_signatures(waiting, &keyring, &mut breaks);
    drop_copies(&items, &mut pending);
    items.extend(place_pending(pending, &raw));

    let mut walk = Walk::new(input, raw.iter().map(|line| line.leaf), &items, breaks);
    items.into_iter().for_each(|item| walk.step(item));
    let (mut verdict, root_found) = walk.finish(size);
    let file = path(PEOPLE);
    if !root_found {
        let message = format!(
            "{LEDGER} does not start with the people record {} that countersign.toml names",
            input.root_of_trust
        );
        verdict.breaks.push(broken("ROOT_OF_TRUST", &path(LEDGER), message));
    }
    if people::print(&verdict.people).as_bytes() != input.people_toml {
        let message = format!("{PEOPLE} is not what the people records of the ledger add up to");
        verdict.breaks.push(broken("PEOPLE_FILE", &file, message));
    }
    verdict
        .breaks
        .sort_by(|a, b| (&a.path, a.line, a.code, &a.message).cmp(&(&b.path, b.line, b.code, &b.message)));
    verdict
}

pub(super) fn path(text: &str) -> RepoPath {
    text.parse().expect("the product's own paths are plain")
}

/// What is known of a line whether or not it can be read.
pub(super) struct Raw {
    pub(super) hash: LineHash,
    pub(super) leaf: [u8; 32],
}

/// Reads every line; the chain is checked over the bytes, so one broken line breaks only itself and
/// the link to the next.
fn read_ledger(bytes: &[u8], breaks: &mut Vec<Break>) -> (Vec<Read>, Vec<Raw>) {
    if bytes.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let file = path(LEDGER);
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let texts: Vec<&[u8]> = body.split(|b| *b == b'\n').collect();
    if body.len() == bytes.len() {
        let message = "the last line does not end with a line feed";
        breaks.push(broken_line("LEDGER_FORM", &file, Some(texts.len() as u64), message));
    }
    let parsed: Vec<_> = texts
        .par_iter()
        .map(|text| {
            let line = Line::parse(text);
            let raw = match &line {
                Ok(line) => Raw { hash: line.hash(), leaf: line.leaf() },
                Err(_) => Raw { hash: LineHash(sha256(text)), leaf: leaf_hash(text) },
            };
            (line.map(|line| (line.seq, line.prev, line.id, Sighted::new(line.signed))), raw)
        })
        .collect();
    let mut reads = Vec::with_capacity(parsed.len());
    let mut raws: Vec<Raw> = Vec::with_capacity(parsed.len());
    for (seq, (line, raw)) in (0u64..).zip(parsed) {
        let prev = raws.last().map_or(LineHash::ZERO, |raw| raw.hash);
        let hash = raw.hash;
        raws.push(raw);
        let number = Some(seq + 1);
        match line {
            Err(e) => {
                breaks.push(broken_line(e.code(), &file, number, format!("this line is refused: {e}")));
            }
            Ok((said_seq, said_prev, id, sighted)) => {
                let mut chain = |message: String| {
                    let it = broken_line("LEDGER_CHAIN", &file, number, message);
                    breaks.push(Break { record: Some(id), ..it });
                };
                if said_seq != seq {
                    chain(format!("`seq` is {said_seq}; the line stands at position {seq}"));
                }
                if said_prev != prev {
                    let before = seq.checked_sub(1).map_or("nothing".to_owned(), |_| format!("line {seq}"));
                    chain(format!(
                        "`prev` is not the hash of {before}: that line is not the one this followed"
                    ));
                }
                let place = Place { file: file.clone(), line: number, seq, hash, prev, pending: false };
                reads.push(Read { place, sighted, id });
            }
        }
    }
    (reads, raws)
}

fn read_folder(files: &[(RepoPath, Vec<u8>)], breaks: &mut Vec<Break>) -> Vec<Read> {
    let read: Vec<_> = files
        .par_iter()
        .map(|(file, bytes)| {
            let in_folder = file.parent() == Some(PENDING_FOLDER);
            let signed = read_pending(file.name(), bytes).map_err(|e| e.to_string());
            let signed = if in_folder { signed } else { Err(format!("it is not in {PENDING_FOLDER}/")) };
            signed.map(|signed| (signed.id(), Sighted::new(signed)))
        })
        .collect();
    let mut reads = Vec::with_capacity(read.len());
    for ((file, _), read) in files.iter().zip(read) {
        match read {
            Err(e) => {
                // The file's name says which record it was; the bytes cannot be asked any more.
                let record = file.name().strip_suffix(".json").and_then(|id| id.parse().ok());
                let it = broken("LEDGER_FORM", file, format!("this file is refused: {e}"));
                breaks.push(Break { record, ..it });
            }
            Ok((id, sighted)) => {
                let (hash, prev) = (LineHash::ZERO, LineHash::ZERO);
                let place = Place { file: file.clone(), line: None, seq: 0, hash, prev, pending: true };
                reads.push(Read { place, sighted, id });
            }
        }
    }
    reads
}

/// Checks all signatures, in parallel, each alone and strictly: batch verification accepts signatures
/// that strict verification refuses, so two auditors could disagree.
fn check_signatures(reads: Vec<Read>, keyring: &Keyring, breaks: &mut Vec<Break>) -> Vec<Item> {
    let checked: Vec<(Place, RecordId, Result<Verified, Refusal>)> = reads
        .into_par_iter()
        .map(|read| (read.place, read.id, read.sighted.and_then(|sighted| sighted.verify(keyring))))
        .collect();
    let mut items = Vec::with_capacity(checked.len());
    for (place, id, result) in checked {
        match result {
            Ok(verified) => items.push(Item { place, verified }),
            Err(refusal) => {
                let message = format!("this record is refused: {refusal}");
                let it = broken_line(refusal.code(), &place.file, place.line, message);
                breaks.push(Break { record: Some(id), ..it });
            }
        }
    }
    items
}

/// A pending file that is byte for byte in the ledger already is a leftover of an append, no more.
fn drop_copies(ledger: &[Item], pending: &mut Vec<Item>) {
    if pending.is_empty() {
        return;
    }
    let wanted: BTreeSet<RecordId> = pending.iter().map(|item| item.verified.id()).collect();
    let known: BTreeMap<RecordId, &Signed> = ledger
        .iter()
        .filter(|item| wanted.contains(&item.verified.id()))
        .map(|item| (item.verified.id(), item.verified.signed()))
        .collect();
    pending.retain(|item| known.get(&item.verified.id()) != Some(&item.verified.signed()));
}

/// Gives pending records the positions and hashes append would give them.
fn place_pending(pending: Vec<Item>, raw: &[Raw]) -> Vec<Item> {
    let order = append::order(pending.iter().map(|item| (item.verified.id(), item.verified.record())));
    let mut by_id: BTreeMap<RecordId, Vec<Item>> = BTreeMap::new();
    for item in pending {
        by_id.entry(item.verified.id()).or_default().push(item);
    }
    let (mut seq, mut prev) = (raw.len() as u64, raw.last().map_or(LineHash::ZERO, |raw| raw.hash));
    let mut placed = Vec::new();
    for mut item in order.iter().flat_map(|id| by_id.remove(id).unwrap_or_default()) {
        let line = Line::new(seq, prev, item.verified.signed().clone());
        item.place = Place { seq, prev, hash: line.hash(), ..item.place };
        (seq, prev) = (seq + 1, line.hash());
        placed.push(item);
    }
    placed
}

/// A break at the place of a record.
pub(super) fn at(code: &'static str, item: &Item, message: String) -> Break {
    let it = broken_line(code, &item.place.file, item.place.line, message);
    about(it, item.verified.id(), item.verified.record())
}
