//! In which role, for which approval: what the command line and the review pages ask of a register before a
//! record is composed.

use crate::chain::{Step, Voter};
use crate::diff;
use crate::digest::RecordId;
use crate::dossier::{Dossier, Register};
use crate::engine::{ConditionOutcome, FateCode};
use crate::id::{PersonId, RoleId, StepId};
use crate::record::{Body, ClaimedClass, Decision, Entry, Person};

/// The role a person decides a step in: the first of the step's own that they hold, else one it was
/// escalated to, else one whose veto they have.
pub fn role_in(step: &Step, escalated: &[RoleId], person: &Person) -> RoleId {
    let veto = step.veto.iter().filter_map(|voter| match voter {
        Voter::Role(role) => Some(role),
        Voter::Person(_) => None,
    });
    let held = step.roles().chain(escalated).chain(veto).find(|role| person.roles.contains(role));
    // Who is named in person signs in whatever role they hold.
    let named = || step.veto.iter().any(|v| matches!(v, Voter::Person(id) if *id == person.id));
    let any = || person.roles.iter().next().filter(|_| named());
    held.or_else(any).unwrap_or(step.role()).clone()
}

/// The role in the sentence of a step: the one signed in, or the step's own where the chain does not know
/// that one there.
pub fn role_said<'a>(step: &'a Step, role: &'a RoleId) -> &'a RoleId {
    let veto = step.veto.iter().any(|voter| matches!(voter, Voter::Role(name) if name == role));
    let known = step.roles().any(|own| own == role) || veto || step.escalate.iter().any(|e| e.to == *role);
    if known { role } else { step.role() }
}

/// The approval a person can confirm: their last one in the step, one that waits for it before others.
pub fn confirmable<'a>(
    register: &'a Register,
    dossier: &'a Dossier,
    named: Option<&StepId>,
    person: &PersonId,
) -> Option<(StepId, &'a Entry)> {
    let mine = |entry: &&Entry| {
        let record = entry.record();
        let decided = matches!(&record.body, Body::Decide(d) if d.decision == Decision::Approve);
        decided
            && record.signer.person == *person
            && named.is_none_or(|step| record.step.as_ref() == Some(step))
    };
    let code = |entry: &Entry| dossier.outcome.fates.iter().find(|f| f.id == entry.id()).map(|f| f.code);
    let live = |entry: &&Entry| {
        !matches!(code(entry), None | Some(FateCode::Withdrawn | FateCode::Superseded | FateCode::Recused))
    };
    let entries = dossier.entries.iter().rev().filter_map(|at| register.ledger.entries.get(*at));
    let all: Vec<&Entry> = entries.filter(mine).filter(live).collect();
    let waiting = all.iter().find(|entry| code(entry) == Some(FateCode::NeedsConfirm));
    waiting.or(all.first()).and_then(|e| Some((e.record().step.clone()?, *e)))
}

/// The class of a change as it is shown: bytes that no page shows, or a small change. Whether it is small
/// enough, the engine says.
pub fn class_shown(changes: &diff::PackageDiff) -> ClaimedClass {
    let shown = changes.package.is_some()
        || !changes.files.is_empty()
        || changes.sections.iter().any(|s| !s.formatting || !s.figures.is_empty() || !s.files.is_empty());
    if shown { ClaimedClass::Minor } else { ClaimedClass::Cosmetic }
}

/// The role a condition was set in: that of the approval that set it.
pub fn setter_role(register: &Register, dossier: &Dossier, condition: &ConditionOutcome) -> Option<RoleId> {
    let entries = dossier.entries.iter().filter_map(|at| register.ledger.entries.get(*at));
    let approval = entries.filter(|e| e.id() == condition.record).find_map(|e| e.record().role.clone());
    let step = dossier.outcome.steps.iter().find(|s| s.id == condition.step);
    approval.or_else(|| step.map(|s| s.role.clone()))
}

/// Certificates in force of other packages for the same model version. Two in force for one version would
/// answer the question of what is approved twice, so a new one names the one it replaces.
pub fn replaceable<'a>(register: &'a Register, dossier: &Dossier) -> Vec<(RecordId, &'a Dossier)> {
    let Some(model) = dossier.current().map(|r| &r.package.meta.model) else { return Vec::new() };
    let mut all = Vec::new();
    for other in register.packages.values().filter(|d| d.id != dossier.id) {
        let Some(certificate) = &other.outcome.certificate else { continue };
        let revision = other.revisions.iter().find(|r| r.number == certificate.revision);
        if revision.is_some_and(|r| r.package.meta.model == *model)
            && certificate.revoked.is_none()
            && other.told.superseded_by.is_none()
            && other.outcome.state != crate::engine::PackageState::Expired
        {
            all.push((certificate.record, other));
        }
    }
    all
}
