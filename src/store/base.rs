//! The rule between the base of a change and its head (SPEC section 4.6).
//!
//! Whatever was on the base is still there: every ledger line, pending record and frozen revision, byte
//! for byte. The rules (configuration, chains, people) that judge a change are those of the base, so one
//! change may carry new rules or new decisions, not both: else whoever opens it could write the rules that
//! approve it.

use super::git::Git;
use super::workspace::{CONFIG, LEDGER, PENDING, StoreError, Workspace};
use crate::digest::{RecordId, sha256};
use crate::dossier::{Break, Register};
use crate::record::{Entry, Kind};
use crate::text::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Code, what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "BASE_LEDGER_CHANGED",
        "The ledger does not begin with every line the base has.",
        "Take the base's ledger and run `countersign append`: records are never dropped, changed or moved.",
    ),
    (
        "BASE_RECORD_MISSING",
        "A record that waits on the base is neither in the ledger nor pending here.",
        "Restore the file under `chains/pending/` from the base, or append it.",
    ),
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
}

fn covered(path: &str) -> bool {
    path == CONFIG
        || path.starts_with("chains/")
        || (path.starts_with("packages/") && path.contains("/revisions/"))
}

/// Compares the working tree with the point where it left `rev`.
///
/// # Errors
/// When Git cannot answer: there is no such commit, or no common history.
pub fn compare_with_base(ws: &Workspace, register: &Register, rev: &str) -> Result<BaseReport, StoreError> {
    let git = Git::at(ws.root()).ok_or_else(|| StoreError::Git("this is not a Git work tree".to_owned()))?;
    // What this change did is judged from where it left the base, not from where the base is now.
    let tip = git.commit(rev)?;
    let commit = git.merge_base(&tip, "HEAD").unwrap_or(tip);
    let base = git.files(&commit, covered)?;
    let mut breaks = Vec::new();
    let mut say =
        |code: &'static str, path: &str, line: Option<u64>, record: Option<RecordId>, message: String| {
            let path: RepoPath = path.parse().unwrap_or_else(|_| "chains".parse().expect("plain"));
            breaks.push(Break { code, path, line, record, package: None, message });
        };
    let empty = Vec::new();
    let base_ledger = base.get(LEDGER).unwrap_or(&empty);
    let ledger = ws.read_or_empty(LEDGER)?;
    if !ledger.starts_with(base_ledger) {
        let same = base_ledger.split(|b| *b == b'\n').zip(ledger.split(|b| *b == b'\n'));
        let line = same.take_while(|(a, b)| a == b).count() as u64 + 1;
        let record = record_of(base_ledger.split(|b| *b == b'\n').nth(line as usize - 1));
        say(
            "BASE_LEDGER_CHANGED",
            LEDGER,
            Some(line),
            record,
            format!("line {line} of the base's ledger is missing or changed here"),
        );
    }
    let here: BTreeSet<RecordId> = register.ledger.entries.iter().map(Entry::id).collect();
    for path in base.keys().filter(|p| p.starts_with(PENDING)) {
        let id = path
            .strip_prefix(PENDING)
            .and_then(|p| p.strip_prefix('/'))
            .and_then(|p| p.strip_suffix(".json"));
        let id: Option<RecordId> = id.and_then(|id| id.parse().ok());
        if id.is_some_and(|id| !here.contains(&id)) {
            say(
                "BASE_RECORD_MISSING",
                path,
                None,
                id,
                "a record that waits on the base is gone here".to_owned(),
            );
        }
    }
    for (path, bytes) in base.iter().filter(|(p, _)| p.starts_with("packages/")) {
        if ws.read_or_empty(path)? != *bytes || !ws.path(path).is_file() {
            let record = revision_record(register, path);
            say(
                "BASE_REVISION_CHANGED",
                path,
                None,
                record,
                "a frozen file of the base is changed or missing here".to_owned(),
            );
        }
    }
    if let Some(bytes) = base.get(CONFIG) {
        config(ws, bytes, &mut say);
    }
    // The first change of a repository brings the first rules: there is nothing on the base to judge by.
    if !base_ledger.is_empty() || base.keys().any(|p| p.starts_with(PENDING)) {
        rules(ws, register, &base, &mut say)?;
    }
    Ok(BaseReport { commit, breaks })
}

type Say<'a> = dyn FnMut(&'static str, &str, Option<u64>, Option<RecordId>, String) + 'a;

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

fn rules(
    ws: &Workspace,
    register: &Register,
    base: &BTreeMap<String, Vec<u8>>,
    say: &mut Say<'_>,
) -> Result<(), StoreError> {
    let base_ids: BTreeSet<RecordId> = ids_of(base);
    let new: Vec<&Entry> = register.ledger.entries.iter().filter(|e| !base_ids.contains(&e.id())).collect();
    let is_chain = |p: &str| {
        p.starts_with("chains/") && p.ends_with(".toml") && p != "chains/people.toml" && !p[7..].contains('/')
    };
    let mut changed_rule = None;
    for (path, bytes) in base.iter().filter(|(p, _)| is_chain(p)) {
        if ws.read_or_empty(path)? != *bytes {
            changed_rule = Some(path.clone());
        }
    }
    for chain in register.chains.keys() {
        let path = format!("chains/{chain}.toml");
        if !base.contains_key(&path) {
            changed_rule = Some(path);
        }
    }
    let people = new.iter().find(|e| e.record().kind() == Kind::People);
    let decision = new.iter().find(|e| e.record().kind() != Kind::People);
    if let Some(decision) = decision
        && let Some(path) = changed_rule.or(people.map(|_| "chains/people.toml".to_owned()))
    {
        say(
            "RULES_AND_DECISIONS",
            &path,
            None,
            Some(decision.id()),
            "this change edits the rules and also adds records judged by rules".to_owned(),
        );
    }
    let base_chains: BTreeSet<[u8; 32]> =
        base.iter().filter(|(p, _)| is_chain(p)).map(|(_, b)| sha256(b)).collect();
    for entry in new.iter().filter(|e| e.record().kind() == Kind::Submit) {
        let Some(subject) = &entry.record().subject else { continue };
        if !base_chains.contains(&subject.chain.sha256.0) {
            say(
                "CHAIN_NOT_ON_BASE",
                &format!("chains/{}.toml", subject.chain.id),
                None,
                Some(entry.id()),
                format!("the submission pins a chain `{}` that is not the one on the base", subject.chain.id),
            );
        }
    }
    Ok(())
}

fn ids_of(base: &BTreeMap<String, Vec<u8>>) -> BTreeSet<RecordId> {
    let ledger = base.get(LEDGER).map(Vec::as_slice).unwrap_or_default();
    let lines = ledger.split(|b| *b == b'\n').filter_map(|line| record_of(Some(line)));
    let pending = base
        .keys()
        .filter_map(|p| p.strip_prefix(PENDING)?.strip_prefix('/')?.strip_suffix(".json")?.parse().ok());
    lines.chain(pending).collect()
}
