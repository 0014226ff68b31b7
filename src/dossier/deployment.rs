//! Was this model version approved, for what, until when; and may it be deployed there?
//!
//! Answered from what was certified, never from a working copy: the certified revision's package.toml says
//! the model, the permitted use and the environments, the certificate says the artefact and the terms.

use super::{Dossier, Register};
use crate::digest::RecordId;
use crate::engine::{ConditionState, PackageState, Revision};
use crate::id::{ConditionId, Model, PackageId};
use crate::record::{Body, Certified, CertifiedCondition, Condition, ConditionEnd, ConditionKind};
use crate::time::{Date, Timestamp};
use serde::Serialize;

/// Code, what it means, what to do.
pub const DEPLOYMENT_CODES: &[(&str, &str, &str)] = &[
    (
        "UNKNOWN_MODEL",
        "No package is about this model version.",
        "Correct the name or the version; `countersign status` shows both for every package.",
    ),
    (
        "NOT_CERTIFIED",
        "The model version has no certificate in force.",
        "`countersign status PACKAGE` says what is missing and who can supply it.",
    ),
    (
        "USE_NOT_APPROVED",
        "The declared use is not the one that was approved, or none was declared.",
        "Declare the use of [meta] in package.toml, or the permitted use word for word; any other use needs a review of its own.",
    ),
    (
        "ENVIRONMENT_NOT_APPROVED",
        "The environment is not among those that were approved, or none was named.",
        "Deploy to an approved environment, or submit a revision that names this one.",
    ),
    (
        "ARTIFACT_NOT_APPROVED",
        "The artefact is not the one that was certified, or the certificate names none.",
        "Deploy the certified artefact; a new one needs a new revision.",
    ),
    (
        "CONDITION_OVERDUE",
        "A condition of the approval was not met in time.",
        "Meet it: `countersign discharge`, then somebody else runs `countersign verify-condition`.",
    ),
];

/// What somebody wants to deploy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// For which use.
    pub use_: Option<String>,
    /// To which environment.
    pub environment: Option<String>,
    /// Which artefact, `sha256:...`, if it must be checked.
    pub artifact: Option<String>,
}

/// How a model version stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// A certificate is in force.
    Approved,
    /// Its certificate holds, and something since asks for a new review.
    ReReviewDue,
    /// Its certificate ran out.
    Expired,
    /// Its certificate was revoked.
    Revoked,
    /// Another package's certificate replaced it.
    Superseded,
    /// Every step passed, and no certificate was issued.
    NotCertified,
    /// A rejection stands.
    Rejected,
    /// Review goes on, or ended without an outcome.
    InReview,
    /// Nothing was submitted.
    Draft,
    /// What was signed does not hold, or cannot be judged.
    Damaged,
    /// No package is about it.
    Unknown,
}

impl ModelState {
    /// The state in words, to follow "is".
    pub fn words(self) -> &'static str {
        match self {
            ModelState::Approved => "approved",
            ModelState::ReReviewDue => "approved, and due for a new review",
            ModelState::Expired => "expired: the day of its next review has passed",
            ModelState::Revoked => "revoked",
            ModelState::Superseded => "superseded",
            ModelState::NotCertified => "not certified yet, though every step has passed",
            ModelState::Rejected => "rejected",
            ModelState::InReview => "in review",
            ModelState::Draft => "a draft, not submitted",
            ModelState::Damaged => "damaged or impossible to judge",
            ModelState::Unknown => "unknown",
        }
    }

    /// The gate's code for it; `None` if a certificate is in force.
    fn code(self) -> Option<&'static str> {
        match self {
            ModelState::Approved => None,
            ModelState::ReReviewDue => Some("RE_REVIEW_DUE"),
            ModelState::Expired => Some("CERTIFICATE_EXPIRED"),
            ModelState::Revoked => Some("REVOKED"),
            ModelState::Superseded => Some("SUPERSEDED_CERTIFICATE"),
            ModelState::Damaged => Some("INTEGRITY_ERROR"),
            ModelState::Unknown => Some("UNKNOWN_MODEL"),
            _ => Some("NOT_CERTIFIED"),
        }
    }
}

/// A certificate, as far as a deployment asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// The record.
    pub record: RecordId,
    /// When it was issued.
    pub at: Timestamp,
    /// Last day it holds.
    pub review_by: Option<Date>,
    /// Digest of the certified artefact.
    pub artifact: Option<String>,
    /// `approved`, `approved_with_conditions` or `approved_by_override`.
    pub outcome: String,
}

/// A condition of the certificate with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Term {
    /// The condition.
    pub condition: Condition,
    /// Where it stands.
    pub state: ConditionState,
    /// True if its date has passed and it is not met.
    pub overdue: bool,
}

impl Term {
    /// The condition's id.
    pub fn id(&self) -> &ConditionId {
        &self.condition.id
    }
}

/// How one package answers for a model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The package.
    pub package: PackageId,
    /// The revision that is about this model version; 0 for a draft.
    pub revision: u32,
    /// How it stands.
    pub state: ModelState,
    /// The package's own state.
    pub package_state: PackageState,
    /// Its certificate, if one is in force or was.
    pub certificate: Option<CertificateFacts>,
    /// Permitted use.
    #[serde(rename = "use")]
    pub use_: String,
    /// The use in one word, if `[meta]` of package.toml has it.
    pub use_class: Option<String>,
    /// What it must not be used for.
    pub not_for: String,
    /// Where it may run; anywhere if empty.
    pub environments: Vec<String>,
    /// Terms of the certificate.
    pub conditions: Vec<Term>,
}

/// The answer about a model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// The model version asked about.
    pub model: Model,
    /// How it stands.
    pub state: ModelState,
    /// Judged at.
    pub as_of: Timestamp,
    /// Each package about it; the one that answers first.
    pub packages: Vec<Standing>,
    /// True if it may be deployed as asked; false if nothing was asked.
    pub passes: bool,
    /// Codes with words; empty when it may be deployed.
    pub reasons: Vec<(&'static str, String)>,
}

/// Reads `MODEL@VERSION`. A name may hold `@` itself: the last one parts it.
pub fn model_version(text: &str) -> Option<Model> {
    let (name, version) = text.rsplit_once('@')?;
    let filled = !name.trim().is_empty() && !version.trim().is_empty();
    filled.then(|| Model { name: name.trim().to_owned(), version: version.trim().to_owned() })
}

impl Register {
    /// Says how a model version stands, and whether it may be deployed as asked.
    pub fn deployment(&self, model: &Model, question: &Question) -> Deployment {
        let today = self.as_of.date();
        let mut packages: Vec<Standing> =
            self.packages.values().filter_map(|d| standing(self, d, model, today)).collect();
        // The order of `ModelState` is from the best to the worst answer.
        packages.sort_by(|a, b| (a.state, &a.package).cmp(&(b.state, &b.package)));
        let state = packages.first().map_or(ModelState::Unknown, |first| first.state);
        let mut reasons = Vec::new();
        let in_force: Vec<&str> = packages
            .iter()
            .filter(|s| matches!(s.state, ModelState::Approved | ModelState::ReReviewDue))
            .map(|s| s.package.as_str())
            .collect();
        if in_force.len() > 1 {
            let words = format!("{} each have a certificate in force for it", in_force.join(" and "));
            reasons.push(("CERTIFICATE_CONFLICT", words));
        }
        match packages.first() {
            None => reasons
                .push(("UNKNOWN_MODEL", format!("no package is about {} {}", model.name, model.version))),
            Some(first) => ask(first, question, today, &mut reasons),
        }
        if self.ledger.breaks.iter().any(|b| b.package.is_none()) {
            reasons
                .push(("INTEGRITY_ERROR", "the ledger does not hold; run `countersign verify`".to_owned()));
        }
        Deployment {
            model: model.clone(),
            state,
            as_of: self.as_of,
            packages,
            passes: reasons.is_empty(),
            reasons,
        }
    }
}

/// What speaks against deploying it so.
fn ask(standing: &Standing, question: &Question, today: Date, reasons: &mut Vec<(&'static str, String)>) {
    let mut say = |code: &'static str, words: String| reasons.push((code, words));
    if let Some(code) = standing.state.code() {
        say(code, format!("{} is {}", standing.package, standing.state.words()));
    }
    // Of what has no certificate no use is approved; there is nothing to compare with.
    let Some(certificate) = &standing.certificate else { return };
    match &question.use_ {
        None => say("USE_NOT_APPROVED", format!("no use was declared; approved is: {}", uses(standing))),
        Some(asked) if !use_matches(standing, asked) => {
            say("USE_NOT_APPROVED", format!("`{asked}` cannot be matched; approved is: {}", uses(standing)));
        }
        Some(_) => {}
    }
    match &question.environment {
        _ if standing.environments.is_empty() => {}
        None => say(
            "ENVIRONMENT_NOT_APPROVED",
            format!("no environment was named; approved: {}", standing.environments.join(", ")),
        ),
        Some(asked) if !standing.environments.contains(asked) => say(
            "ENVIRONMENT_NOT_APPROVED",
            format!("`{asked}` is not among the approved: {}", standing.environments.join(", ")),
        ),
        Some(_) => {}
    }
    match (&question.artifact, &certificate.artifact) {
        (None, _) => {}
        (Some(asked), Some(certified)) if asked == certified => {}
        (Some(asked), Some(certified)) => {
            say("ARTIFACT_NOT_APPROVED", format!("{asked} is not the certified {certified}"));
        }
        (Some(_), None) => say("ARTIFACT_NOT_APPROVED", "the certificate names no artefact".to_owned()),
    }
    for term in standing.conditions.iter().filter(|term| !term.state.ended()) {
        let words = || format!("condition {} is {}: {}", term.id(), term.state.words(), term.condition.text);
        match (term.overdue, term.condition.due) {
            (true, Some(due)) => {
                say("CONDITION_OVERDUE", format!("{}; it was due on {}", words(), due.human()))
            }
            _ if term.condition.kind == ConditionKind::PreMerge => say("CONDITION_OPEN", words()),
            _ => {}
        }
    }
    if standing.state == ModelState::Approved && certificate.review_by.is_some_and(|day| day < today) {
        say("CERTIFICATE_EXPIRED", "the day of its next review has passed".to_owned());
    }
}

/// The declared use is the word of `[meta].use` (in whatever case), or the permitted use itself.
fn use_matches(standing: &Standing, asked: &str) -> bool {
    let asked = asked.trim();
    let class = standing.use_class.as_deref().map(str::trim);
    class.is_some_and(|class| class.to_lowercase() == asked.to_lowercase()) || asked == standing.use_.trim()
}

fn uses(standing: &Standing) -> String {
    match &standing.use_class {
        Some(class) => format!("`{class}` ({})", standing.use_),
        None => {
            format!("{} (package.toml has no `use` in [meta], so only this sentence matches)", standing.use_)
        }
    }
}

fn standing(register: &Register, dossier: &Dossier, model: &Model, today: Date) -> Option<Standing> {
    let certified = certificate(register, dossier);
    let revision = |n: u32| dossier.revisions.iter().find(|r| r.number == n);
    let about = |r: &&Revision| r.package.meta.model == *model;
    let current = dossier.current();
    // What was certified answers before what is under review.
    let of_certificate = certified
        .as_ref()
        .and_then(|(n, facts, outcome)| revision(*n).filter(about).map(|r| (r, facts, outcome)));
    let (state, found, certificate, outcome) = match of_certificate {
        Some((r, facts, outcome)) => {
            (certified_state(dossier, r, facts, today), Some(r), Some(facts.clone()), Some(*outcome))
        }
        None => {
            let newest = dossier.revisions.iter().rev().find(about);
            match newest {
                Some(r) if current.is_some_and(|c| c.number == r.number) => {
                    (reviewed_state(dossier.outcome.state), Some(r), None, None)
                }
                // A later revision is about another version: this one was left behind.
                Some(r) => (ModelState::InReview, Some(r), None, None),
                None => (ModelState::Draft, None, None, None),
            }
        }
    };
    let meta = match found {
        Some(r) => &r.package.meta,
        None => dossier.package.as_ref().map(|p| &p.meta).filter(|meta| meta.model == *model)?,
    };
    Some(Standing {
        package: dossier.id.clone(),
        revision: found.map_or(0, |r| r.number),
        state,
        package_state: dossier.outcome.state,
        certificate,
        use_: meta.use_.clone(),
        use_class: meta.meta.get("use").cloned(),
        not_for: meta.not_for.clone(),
        environments: meta.environments.clone(),
        conditions: outcome.map_or_else(Vec::new, |outcome| {
            outcome.conditions.iter().map(|c| term(dossier, c, today)).collect()
        }),
    })
}

/// The certificate the package's answer rests on: its last one, revoked, run out or replaced as it may be.
fn certificate<'a>(
    register: &'a Register,
    dossier: &Dossier,
) -> Option<(u32, CertificateFacts, &'a Certified)> {
    let wanted = dossier.outcome.certificate.as_ref()?;
    let mut entries = dossier.entries.iter().rev().map(|at| &register.ledger.entries[*at]);
    let entry = entries.find(|entry| entry.id() == wanted.record)?;
    let Body::Certify(body) = &entry.record().body else { return None };
    let facts = CertificateFacts {
        record: wanted.record,
        at: wanted.at,
        review_by: wanted.review_by,
        artifact: body.outcome.artifact.clone(),
        outcome: body.outcome.state.clone(),
    };
    Some((wanted.revision, facts, &body.outcome))
}

/// The state of what was certified. While a newer revision is reviewed, the certificate answers alone.
fn certified_state(dossier: &Dossier, r: &Revision, facts: &CertificateFacts, today: Date) -> ModelState {
    let expired = facts.review_by.is_some_and(|day| day < today);
    let lapsed_override = facts.outcome == "approved_by_override"
        && dossier.outcome.overrides.iter().any(|o| o.second.is_some() && o.expires < today);
    match dossier.outcome.state {
        PackageState::IntegrityError | PackageState::Error => ModelState::Damaged,
        PackageState::Revoked => ModelState::Revoked,
        _ if dossier.outcome.certificate.as_ref().is_some_and(|c| c.revoked.is_some()) => ModelState::Revoked,
        PackageState::Superseded => ModelState::Superseded,
        _ if dossier.told.superseded_by.is_some() => ModelState::Superseded,
        _ if expired || lapsed_override => ModelState::Expired,
        PackageState::Expired => ModelState::Expired,
        PackageState::ReReviewDue => ModelState::ReReviewDue,
        PackageState::Certified => ModelState::Approved,
        _ if dossier.outcome.revision > r.number => ModelState::Approved,
        state => reviewed_state(state),
    }
}

/// The state of what has no certificate.
fn reviewed_state(state: PackageState) -> ModelState {
    match state {
        PackageState::IntegrityError | PackageState::Error => ModelState::Damaged,
        PackageState::Draft => ModelState::Draft,
        PackageState::Rejected | PackageState::ChangesRequired => ModelState::Rejected,
        PackageState::Withdrawn
        | PackageState::Lapsed
        | PackageState::ClarificationPending
        | PackageState::InReview => ModelState::InReview,
        PackageState::Approved | PackageState::ApprovedWithConditions | PackageState::ApprovedByOverride => {
            ModelState::NotCertified
        }
        PackageState::Superseded => ModelState::Superseded,
        PackageState::Expired => ModelState::Expired,
        PackageState::Revoked => ModelState::Revoked,
        PackageState::ReReviewDue => ModelState::ReReviewDue,
        // Certified, but not this model version: the certificate is of an earlier revision.
        PackageState::Certified => ModelState::NotCertified,
    }
}

/// A term of the certificate with what became of it since; what nothing is known of is open.
fn term(dossier: &Dossier, certified: &CertifiedCondition, today: Date) -> Term {
    let condition = &certified.condition;
    let now = dossier
        .outcome
        .conditions
        .iter()
        .find(|c| c.record == certified.record && c.condition.id == condition.id);
    let state = match (now, certified.state) {
        (Some(now), _) => now.state,
        (None, Some(ConditionEnd::Verified)) => ConditionState::Verified,
        (None, Some(ConditionEnd::Waived)) => ConditionState::Waived,
        (None, None) => ConditionState::Open,
    };
    let overdue = !state.ended() && condition.due.is_some_and(|due| due < today);
    Term { condition: condition.clone(), state, overdue }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_at_sign_parts_name_and_version() {
        let read = |text| model_version(text).map(|m| (m.name, m.version));
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(read("credit-pd@2.1"), pair("credit-pd", "2.1"));
        assert_eq!(read("team@bank/pd@2"), pair("team@bank/pd", "2"));
        assert_eq!(read("credit-pd"), None);
        assert_eq!(read("@2"), None);
        assert_eq!(read("pd@"), None);
    }

    #[test]
    fn every_state_but_one_shuts_the_gate() {
        for state in [ModelState::Draft, ModelState::Rejected, ModelState::InReview, ModelState::NotCertified]
        {
            assert_eq!(state.code(), Some("NOT_CERTIFIED"));
        }
        assert_eq!(ModelState::Approved.code(), None);
    }
}
