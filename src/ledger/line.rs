//! Ledger lines and pending files: one byte string each (SPEC sections 4.1 and 4.2).

use crate::digest::{Frontier, LedgerRoot, LineHash, RecordId, leaf_hash, sha256};
use crate::record::limits::{RECORD_BYTES, SIGNATURE_BYTES, TOKEN_CHARS};
use crate::record::wire::spelling;
use crate::record::{Record, RecordError, Signed, parse};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of one line or pending file: a record whose every byte needs an escape, and the rest.
pub(super) const LINE_BYTES: usize = 2 * RECORD_BYTES + 2 * SIGNATURE_BYTES + TOKEN_CHARS + 1024;

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Longer than a line can be.
    #[error("it has {0} bytes; at most {LINE_BYTES} are allowed")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    Utf8,
    /// Not JSON of the right shape.
    #[error("it is not a JSON object of the known form: {0}")]
    Json(String),
    /// The printer would write it differently.
    #[error("it is not in its one spelling: byte {0} differs from what `countersign append` writes")]
    Spelling(usize),
    /// The id does not belong to the record.
    #[error("it is filed under {found}, but its record's SHA-256 is {right}")]
    Id {
        /// As written.
        found: RecordId,
        /// As it must be.
        right: RecordId,
    },
}

impl LineError {
    /// The stable name, documented in DIAGNOSTICS.md.
    pub fn code(&self) -> &'static str {
        match self {
            LineError::Id { .. } => "RECORD_ID",
            _ => "LEDGER_FORM",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLine<'a> {
    seq: u64,
    prev: LineHash,
    id: RecordId,
    #[serde(borrow)]
    record: Cow<'a, str>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tst: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePending<'a> {
    id: RecordId,
    #[serde(borrow)]
    record: Cow<'a, str>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tst: Option<String>,
}

/// Reads one object strictly.
fn read<'a, T: Serialize + Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, LineError> {
    if bytes.len() > LINE_BYTES {
        return Err(LineError::TooLong(bytes.len()));
    }
    let text = str::from_utf8(bytes).map_err(|_| LineError::Utf8)?;
    let value: T = serde_json::from_str(text).map_err(|e| LineError::Json(e.to_string()))?;
    spelling(&value, text).map_err(LineError::Spelling)?;
    Ok(value)
}

fn check_id(found: RecordId, signed: &Signed) -> Result<(), LineError> {
    let right = signed.id();
    if found == right { Ok(()) } else { Err(LineError::Id { found, right }) }
}

/// One line of the ledger, its form checked and its content not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its position, from 0.
    pub seq: u64,
    /// Hash of the line before.
    pub prev: LineHash,
    /// The record's id.
    pub id: RecordId,
    /// The record with its signature.
    pub signed: Signed,
    hash: LineHash,
    leaf: [u8; 32],
}

impl Line {
    /// The line a record gets at a position.
    pub fn new(seq: u64, prev: LineHash, signed: Signed) -> Line {
        let id = signed.id();
        let mut line = Line { seq, prev, id, signed, hash: LineHash::ZERO, leaf: [0; 32] };
        let text = line.print();
        line.hash = LineHash(sha256(text.as_bytes()));
        line.leaf = leaf_hash(text.as_bytes());
        line
    }

    /// Reads a line without its LF.
    ///
    /// # Errors
    /// When it is not exactly what [`Line::print`] gives.
    pub fn parse(bytes: &[u8]) -> Result<Line, LineError> {
        let wire: WireLine<'_> = read(bytes)?;
        let signed = Signed { record: wire.record.into_owned(), sig: wire.sig.into_owned(), tst: wire.tst };
        check_id(wire.id, &signed)?;
        let (hash, leaf) = (LineHash(sha256(bytes)), leaf_hash(bytes));
        Ok(Line { seq: wire.seq, prev: wire.prev, id: wire.id, signed, hash, leaf })
    }

    /// The line without its LF.
    pub fn print(&self) -> String {
        let wire = WireLine {
            seq: self.seq,
            prev: self.prev,
            id: self.id,
            record: Cow::Borrowed(&self.signed.record),
            sig: Cow::Borrowed(&self.signed.sig),
            tst: self.signed.tst.clone(),
        };
        serde_json::to_string(&wire).expect("strings and numbers always print")
    }

    /// SHA-256 of the line without its LF: what the next line names as `prev`.
    pub fn hash(&self) -> LineHash {
        self.hash
    }

    /// Its leaf hash in the Merkle tree.
    pub fn leaf(&self) -> [u8; 32] {
        self.leaf
    }
}

/// A ledger whose lines chain; the records in it are not verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    lines: Vec<Line>,
}

/// Why a text is not a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chains/ledger.jsonl:{line}: {problem}")]
pub struct LedgerError {
    /// 1-based line.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl Ledger {
    /// Reads a ledger strictly; the empty text is the empty ledger.
    ///
    /// # Errors
    /// The first line that is misspelt or does not chain.
    pub fn parse(text: &str) -> Result<Ledger, LedgerError> {
        let mut ledger = Ledger::default();
        let Some(body) = text.strip_suffix('\n') else {
            let problem = "the last line does not end with a line feed".to_owned();
            let line = text.split('\n').count() as u64;
            return if text.is_empty() { Ok(ledger) } else { Err(LedgerError { line, problem }) };
        };
        for text in body.split('\n') {
            let at = ledger.size();
            let fail = |problem: String| LedgerError { line: at + 1, problem };
            let line = Line::parse(text.as_bytes()).map_err(|e| fail(e.to_string()))?;
            if line.seq != at {
                return Err(fail(format!("its `seq` is {}, not {at}", line.seq)));
            }
            if line.prev != ledger.head() {
                return Err(fail("its `prev` is not the hash of the line before".to_owned()));
            }
            ledger.lines.push(line);
        }
        Ok(ledger)
    }

    /// The whole text.
    pub fn print(&self) -> String {
        self.lines.iter().map(|line| line.print() + "\n").collect()
    }

    /// The lines in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The number of lines.
    pub fn size(&self) -> u64 {
        self.lines.len() as u64
    }

    /// The hash the next line names as `prev`.
    pub fn head(&self) -> LineHash {
        self.lines.last().map_or(LineHash::ZERO, Line::hash)
    }

    /// The root over all lines.
    pub fn root(&self) -> LedgerRoot {
        let mut frontier = Frontier::default();
        self.lines.iter().for_each(|line| frontier.push(line.leaf));
        frontier.root()
    }

    /// The roots over the first `size` lines, for each size asked for that the ledger has.
    pub fn roots(&self, sizes: &BTreeSet<u64>) -> BTreeMap<u64, LedgerRoot> {
        let mut frontier = Frontier::default();
        let mut roots = BTreeMap::new();
        let mut note = |frontier: &Frontier| {
            if sizes.contains(&frontier.size()) {
                roots.insert(frontier.size(), frontier.root());
            }
        };
        note(&frontier);
        for line in &self.lines {
            frontier.push(line.leaf);
            note(&frontier);
        }
        roots
    }

    pub(super) fn extended(&self, lines: Vec<Line>) -> Ledger {
        let mut all = self.lines.clone();
        all.extend(lines);
        Ledger { lines: all }
    }
}

/// A record that waits in `chains/pending/<id>.json`, its form checked and its signature not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The record's id.
    pub id: RecordId,
    /// The record.
    pub record: Record,
    /// Its bytes and signature.
    pub signed: Signed,
}

/// Why a file in `chains/pending/` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PendingError {
    /// Not a pending file.
    #[error("{0}")]
    Form(#[from] LineError),
    /// Does not end with exactly one LF.
    #[error("it does not end with exactly one line feed")]
    Ending,
    /// Named otherwise than its record.
    #[error("its name is not {0}.json")]
    Name(RecordId),
    /// The record in it is refused.
    #[error("{0}")]
    Record(#[from] RecordError),
}

impl Pending {
    /// Takes a signed record.
    ///
    /// # Errors
    /// When its bytes are not a record.
    pub fn new(signed: Signed) -> Result<Pending, RecordError> {
        Ok(Pending { id: signed.id(), record: parse(&signed.record)?, signed })
    }

    /// Reads a pending file; `name` is the last part of its path.
    ///
    /// # Errors
    /// When it is not exactly what [`Pending::print`] gives, under its own name.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Pending, PendingError> {
        Ok(Pending::new(read_pending(name, bytes)?)?)
    }

    /// The whole file.
    pub fn print(&self) -> String {
        let wire = WirePending {
            id: self.id,
            record: Cow::Borrowed(&self.signed.record),
            sig: Cow::Borrowed(&self.signed.sig),
            tst: self.signed.tst.clone(),
        };
        serde_json::to_string(&wire).expect("strings always print") + "\n"
    }

    /// The name of its file in `chains/pending/`.
    pub fn file_name(&self) -> String {
        format!("{}.json", self.id)
    }
}

/// Reads a pending file, leaving the record in it unread.
pub(super) fn read_pending(name: &str, bytes: &[u8]) -> Result<Signed, PendingError> {
    let body = bytes.strip_suffix(b"\n").ok_or(PendingError::Ending)?;
    let wire: WirePending<'_> = read(body)?;
    let signed = Signed { record: wire.record.into_owned(), sig: wire.sig.into_owned(), tst: wire.tst };
    check_id(wire.id, &signed)?;
    if name.strip_suffix(".json") != Some(wire.id.to_string().as_str()) {
        return Err(PendingError::Name(wire.id));
    }
    Ok(signed)
}
