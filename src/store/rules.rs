//! What a change may do to the rules: chains and people (SPEC section 4.6).
//!
//! Whoever opens a change must not write the rules that approve it. So rules change on their own, and where
//! the base keeps a chain `policy`, a chain file changes only to bytes that a package under that chain
//! approved.

use super::base::{Say, ids_of};
use super::workspace::{StoreError, Workspace};
use crate::digest::{FileDigest, RecordId, sha256};
use crate::dossier::Register;
use crate::record::{Entry, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// The chain that judges chains.
const POLICY: &str = "policy";
/// The code of the one thing here that is only said.
pub(super) const UNJUDGED: &str = "RULES_UNJUDGED";

/// True for a chain file; `people.toml` is none.
fn is_chain(path: &str) -> bool {
    path.starts_with("chains/")
        && path.ends_with(".toml")
        && path != "chains/people.toml"
        && !path[7..].contains('/')
}

/// Compares the rules of the work tree with those of the base.
pub(super) fn compare(
    ws: &Workspace,
    register: &Register,
    base: &BTreeMap<String, Vec<u8>>,
    changed: &[String],
    say: &mut Say<'_>,
) -> Result<(), StoreError> {
    let base_ids: BTreeSet<RecordId> = ids_of(base);
    let new: Vec<&Entry> = register.ledger.entries.iter().filter(|e| !base_ids.contains(&e.id())).collect();
    let chains = changed_chains(ws, register, base)?;
    // Who lets somebody stand in signs that alone; it is no change of the rules.
    let people = new.iter().find(|e| e.record().kind() == Kind::People);
    let rule = chains.keys().next().cloned().or(people.map(|_| "chains/people.toml".to_owned()));
    let decision = new.iter().find(|e| e.record().kind().about_package());
    if let (Some(path), Some(decision)) = (&rule, decision) {
        let message = "this change edits the rules and also adds records judged by rules".to_owned();
        say("RULES_AND_DECISIONS", path, None, Some(decision.id()), message);
    }
    let package = changed.iter().find(|path| path.starts_with("packages/"));
    if let (Some(path), Some(package)) = (&rule, package) {
        say("RULES_AND_PACKAGE", path, None, None, format!("this change edits the rules and also {package}"));
    }
    for (path, bytes) in &chains {
        judge(register, base, path, bytes.as_deref(), say);
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

/// Chain files that differ from the base, with their new bytes; `None` where one is gone.
fn changed_chains(
    ws: &Workspace,
    register: &Register,
    base: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, Option<Vec<u8>>>, StoreError> {
    let mut changed = BTreeMap::new();
    let here = register.chains.keys().map(|chain| format!("chains/{chain}.toml"));
    let all: BTreeSet<String> = base.keys().filter(|p| is_chain(p)).cloned().chain(here).collect();
    for path in all {
        let there = ws.path(&path).is_file();
        let bytes = ws.read_or_empty(&path)?;
        if !there || base.get(&path) != Some(&bytes) {
            changed.insert(path, there.then_some(bytes));
        }
    }
    Ok(changed)
}

/// Holds one changed chain against what was approved under the base's chain `policy`.
fn judge(
    register: &Register,
    base: &BTreeMap<String, Vec<u8>>,
    path: &str,
    bytes: Option<&[u8]>,
    say: &mut Say<'_>,
) {
    let policy = format!("chains/{POLICY}.toml");
    if !base.contains_key(&policy) {
        say(UNJUDGED, path, None, None, format!("the base has no {policy} to judge a change of chains by"));
        return;
    }
    let Some(bytes) = bytes else {
        // Nothing can approve that a file is gone, and without `policy` anything would be allowed.
        say("RULES_NOT_APPROVED", path, None, None, "a chain of the base is removed here".to_owned());
        return;
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let digest = FileDigest(sha256(bytes));
    // Records of this change itself cannot approve it: together they are RULES_AND_DECISIONS.
    let approved = register.packages.values().any(|dossier| {
        dossier.outcome.gate_open()
            && dossier.current().is_some_and(|revision| {
                let files = &revision.package.manifest.files;
                revision.chain.id.as_str() == POLICY
                    && files.iter().any(|f| {
                        f.path.as_str().starts_with("evidence/")
                            && f.path.name() == name
                            && f.digest == digest
                    })
            })
    });
    if !approved {
        let message = format!("no package approved under the chain `{POLICY}` has these bytes as evidence");
        say("RULES_NOT_APPROVED", path, None, None, message);
    }
}
