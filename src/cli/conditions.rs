//! `discharge`, `verify-condition`, `waive`: what becomes of the terms of an approval.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure};
use super::review::done;
use super::sign::{Draft, Pen};
use super::submit::subject;
use crate::agent::seat::setter_role;
use crate::digest::{FileDigest, RecordId, sha256};
use crate::dossier::{Dossier, Register};
use crate::id::{ConditionId, RoleId};
use crate::package::MAX_EVIDENCE;
use crate::record::{Body, Condition, Discharge, Verify, Waive};
use std::path::Path;

/// A condition with the approval that set it and the role that approval was given in.
struct Set<'a> {
    condition: &'a Condition,
    record: RecordId,
    role: RoleId,
}

fn set<'a>(register: &'a Register, dossier: &'a Dossier, id: &ConditionId) -> Result<Set<'a>, Failure> {
    let all = &dossier.outcome.conditions;
    let Some(found) = all.iter().find(|c| c.id() == id) else {
        let known: Vec<&str> = all.iter().map(|c| c.id().as_str()).collect();
        return Err(Failure::cannot(format!("{} has no condition `{id}`", dossier.id)).help(
            if known.is_empty() {
                "no approval that counts has set one".to_owned()
            } else {
                format!("conditions: {}", known.join(", "))
            },
        ));
    };
    let role = setter_role(register, dossier, found);
    let role = role.ok_or_else(|| Failure::cannot(format!("nobody knows who set condition `{id}`")))?;
    Ok(Set { condition: &found.condition, record: found.record, role })
}

/// The owner says that a condition is met.
pub fn discharge(context: &Context, args: &args::Discharge) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let set = set(&register, dossier, &args.condition)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let evidence = args.evidence.as_deref().map(file_digest).transpose()?;
    let body = Discharge {
        condition: set.condition.id.clone(),
        evidence,
        reason: args.how.clone(),
        record: set.record,
    };
    let id = pen.sign(Draft::plain(Some(subject), Body::Discharge(body)))?;
    done(context, &args.package, id)
}

fn file_digest(path: &Path) -> Result<FileDigest, Failure> {
    let fail = |e: std::io::Error| Failure::cannot(format!("{}: {e}", path.display()));
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > MAX_EVIDENCE {
        return Err(Failure::cannot(format!("{} is larger than {MAX_EVIDENCE} bytes", path.display())));
    }
    Ok(FileDigest(sha256(&std::fs::read(path).map_err(fail)?)))
}

/// Somebody else checks it.
pub fn verify(context: &Context, args: &args::VerifyCondition) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let set = set(&register, dossier, &args.condition)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let body = Verify {
        accepted: args.met,
        condition: set.condition.id.clone(),
        reason: args.reason.clone(),
        record: set.record,
    };
    let role = set.condition.verifier_role.clone().unwrap_or(set.role);
    let draft = Draft { role: Some(role), ..Draft::plain(Some(subject), Body::Verify(body)) };
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// The authority that set it drops it.
pub fn waive(context: &Context, args: &args::Waive) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let set = set(&register, dossier, &args.condition)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let body = Waive { condition: set.condition.id.clone(), reason: args.reason.clone(), record: set.record };
    let draft = Draft { role: Some(set.role), ..Draft::plain(Some(subject), Body::Waive(body)) };
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}
