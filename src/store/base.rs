//! The rule between the base of a change and its head (SPEC section 4.6).
//!
//! Whatever was on the base is still there: every ledger line, pending record and frozen revision, byte
//! for byte. The rules (configuration, chains, people) that judge a change are those of the base, so one
//! change may carry new rules or new decisions, not both: else whoever opens it could write the rules that
//! approve it.

use super::git::Git;
use super::rules;
use super::workspace::{CONFIG, LEDGER, PENDING, StoreError, Workspace};
use crate::digest::RecordId;
use crate::dossier::{Break, Register};
use crate::ledger::{self, Ledger, Pending};
use crate::record::{Entry, Kind};
use crate::text::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "BASE_REVISION_CHANGED",
        "A file of a frozen revision of the base is changed or missing here.",
        "Restore it from the base. A correction is a new revision.",
    ),
    (
        "BASE_CONFIG_CHANGED",
        "The repository id, the root of trust or the allowed clock skew differs from the base.",
        "Restore `countersign.toml` from the base. These values never change.",
    ),
    (
        "RULES_AND_DECISIONS",
        "One change edits chains or people and also adds submissions or decisions.",
        "Split it into two changes: first the rules, reviewed on their own, then the package.",
    ),
    (
        "RULES_AND_PACKAGE",
        "One change edits chains or people and also edits a package.",
        "Split it into two changes: first the rules, reviewed on their own, then the package.",
    ),
    (
        "RULES_NOT_APPROVED",
        "A chain file is changed, and no package under the base's chain `policy` approves its new bytes.",
        "Put the new file as `evidence/<section>/<name>.toml` into a package under the chain `policy`, have that approved and merged, then change the chain.",
    ),
    (
        "RULES_UNJUDGED",
        "A chain file is changed, and the base has no chain `policy` to judge that by. It is only said.",
        "Keep a chain `policy` in `chains/policy.toml` to have changes of chains approved like models.",
    ),
    (
        "CHAIN_NOT_ON_BASE",
        "A submission pins a chain that is not the one on the base.",
        "Merge the base and submit again; new rules apply only after they have landed.",
    ),
];

/// What the comparison found.
#[derive(Debug, Clone)]
pub struct BaseReport {
    /// The commit compared with.
    pub commit: String,
    /// What does not hold.
    pub breaks: Vec<Break>,
    /// What is only said.
    pub notes: Vec<Break>,
}

fn covered(path: &str) -> bool {
    path == CONFIG
        || path.starts_with("chains/")
        || (path.starts_with("packages/") && path.contains("/revisions/"))
}

/// Compares the working tree with every point where it parted from `rev`.
///
/// # Errors
/// When Git cannot answer: there is no such commit, or no common history.
pub fn compare_with_base(ws: &Workspace, register: &Register, rev: &str) -> Result<BaseReport, StoreError> {
    let git = Git::at(ws.root()).ok_or_else(|| StoreError::Git("this is not a Git work tree".to_owned()))?;
    let tip = git.commit(rev)?;
    // What this change did is judged from where it left the base, not from where the base is now. After
    // merges both ways there are several such points, and a record may stand at only one of them.
    let bases = git.merge_bases(&tip, "HEAD").unwrap_or_else(|_| vec![tip.clone()]);
    let mut breaks = Vec::new();
    for commit in &bases {
        let changed = git.changed(commit)?;
        one(ws, register, &git.files(commit, covered)?, &changed, &mut breaks)?;
    }
    breaks.sort();
    breaks.dedup();
    let (notes, breaks) = breaks.into_iter().partition(|b: &Break| b.code == rules::UNJUDGED);
    Ok(BaseReport { commit: bases.into_iter().next().unwrap_or(tip), breaks, notes })
}

fn one(
    ws: &Workspace,
    register: &Register,
    base: &BTreeMap<String, Vec<u8>>,
    changed: &[String],
    breaks: &mut Vec<Break>,
) -> Result<(), StoreError> {
    let was = state(
        base.get(LEDGER).map_or(&[][..], Vec::as_slice),
        base.iter().map(|(p, b)| (p.as_str(), b.as_slice())),
    );
    let pending = ws.pending()?;
    let is = state(&ws.read_or_empty(LEDGER)?, pending.iter().map(|(p, b)| (p.as_str(), b.as_slice())));
    breaks.extend(ledger::extends((&was.0, &was.1), (&is.0, &is.1)));
    let mut say =
        |code: &'static str, path: &str, line: Option<u64>, record: Option<RecordId>, message: String| {
            let path: RepoPath = path.parse().unwrap_or_else(|_| "chains".parse().expect("plain"));
            breaks.push(Break { code, path, line, record, package: None, message });
        };
    for (path, bytes) in base.iter().filter(|(p, _)| p.starts_with("packages/")) {
        if ws.read_or_empty(path)? != *bytes || !ws.path(path).is_file() {
            let record = revision_record(register, path);
            let message = "a frozen file of the base is changed or missing here".to_owned();
            say("BASE_REVISION_CHANGED", path, None, record, message);
        }
    }
    if let Some(bytes) = base.get(CONFIG) {
        config(ws, bytes, &mut say);
    }
    // The first change of a repository brings the first rules: there is nothing on the base to judge by.
    if was.0.size() > 0 || !was.1.is_empty() {
        rules::compare(ws, register, base, changed, &mut say)?;
    }
    Ok(())
}

/// Ledger and pending records, as far as they can be read; what cannot is a break of its own.
fn state<'a>(ledger: &[u8], files: impl Iterator<Item = (&'a str, &'a [u8])>) -> (Ledger, Vec<Pending>) {
    let text = String::from_utf8_lossy(ledger);
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let pending = files.filter_map(|(path, bytes)| {
        let name = path.strip_prefix(PENDING)?.strip_prefix('/')?;
        Pending::parse(name, bytes).ok()
    });
    (Ledger::parse(whole).unwrap_or_default(), pending.collect())
}

pub(super) type Say<'a> = dyn FnMut(&'static str, &str, Option<u64>, Option<RecordId>, String) + 'a;

fn record_of(line: Option<&[u8]>) -> Option<RecordId> {
    let value: serde_json::Value = serde_json::from_slice(line?).ok()?;
    value.get("id")?.as_str()?.parse().ok()
}

fn revision_record(register: &Register, path: &str) -> Option<RecordId> {
    let mut parts = path.split('/').skip(1);
    let (package, number) = (parts.next()?, parts.nth(1)?.parse().ok()?);
    let entries = register.ledger.entries.iter();
    let mut mine = entries.filter(|e| e.record().package().is_some_and(|p| p.as_str() == package));
    mine.find(|e| e.record().kind() == Kind::Submit && e.record().revision() == Some(number)).map(Entry::id)
}

fn config(ws: &Workspace, base: &[u8], say: &mut Say<'_>) {
    let read = |text: &str, key: &str| {
        toml::from_str::<toml::Table>(text).ok().and_then(|t| t.get(key).map(ToString::to_string))
    };
    let old = String::from_utf8_lossy(base);
    let new = String::from_utf8_lossy(&ws.read_or_empty(CONFIG).unwrap_or_default()).into_owned();
    for key in ["repository", "root", "skew_seconds"] {
        if read(&old, key) != read(&new, key) {
            say("BASE_CONFIG_CHANGED", CONFIG, None, None, format!("`{key}` differs from the base"));
        }
    }
}

pub(super) fn ids_of(base: &BTreeMap<String, Vec<u8>>) -> BTreeSet<RecordId> {
    let ledger = base.get(LEDGER).map(Vec::as_slice).unwrap_or_default();
    let lines = ledger.split(|b| *b == b'\n').filter_map(|line| record_of(Some(line)));
    let pending = base
        .keys()
        .filter_map(|p| p.strip_prefix(PENDING)?.strip_prefix('/')?.strip_suffix(".json")?.parse().ok());
    lines.chain(pending).collect()
}
