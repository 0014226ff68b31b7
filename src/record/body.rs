//! What each kind of record adds (SPEC section 3). Fields stand in alphabetical order, as on the wire.

use super::people::PeopleChange;
use crate::digest::{ChainDigest, DiffDigest, PackageDigest, RecordId, SectionDigest};
use crate::id::{ConditionId, FigureId, FindingId, PersonId, RoleId, SectionId, StepId};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Changes of the people file.
    People,
    /// A revision is submitted for review.
    Submit,
    /// A comment or question on a section.
    Comment,
    /// The author's side answers.
    Answer,
    /// The asker closes a thread.
    Resolve,
    /// A reviewer decides.
    Decide,
    /// A signer takes back a record.
    Withdraw,
    /// The outcome is frozen.
    Certify,
}

/// What the kind adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// See [`PeopleChange`].
    People(Vec<PeopleChange>),
    /// See [`Submit`].
    Submit(Submit),
    /// See [`Comment`].
    Comment(Comment),
    /// An answer in a thread.
    Answer(Reply),
    /// The closing word of a thread.
    Resolve(Reply),
    /// See [`Decide`].
    Decide(Decide),
    /// See [`Withdraw`].
    Withdraw(Withdraw),
    /// See [`Certify`].
    Certify(Box<Certify>),
}

impl Body {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Body::People(_) => Kind::People,
            Body::Submit(_) => Kind::Submit,
            Body::Comment(_) => Kind::Comment,
            Body::Answer(_) => Kind::Answer,
            Body::Resolve(_) => Kind::Resolve,
            Body::Decide(_) => Kind::Decide,
            Body::Withdraw(_) => Kind::Withdraw,
            Body::Certify(_) => Kind::Certify,
        }
    }
}

/// A frozen revision enters review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// One for each open finding, from revision 2 on.
    pub answers: Vec<Answer>,
    /// Who wrote it, as in package.toml.
    pub authors: Vec<PersonId>,
    /// Who else changed it (from the history), never able to approve it.
    pub contributors: Vec<PersonId>,
    /// Digest of the diff to the revision before, from revision 2 on.
    pub diff: Option<DiffDigest>,
    /// Ids of the exceptions claimed in package.toml.
    pub exceptions: Vec<String>,
    /// The MANIFEST, whole.
    pub manifest: String,
    /// What changed, in words: one for each touched section, from revision 2 on.
    pub notes: Vec<Note>,
}

/// How a resubmission answers a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The finding.
    pub finding: FindingId,
    /// The answer, or the reason why it is not addressed.
    pub how: String,
    /// Sections that changed because of it; empty means "not addressed", explicitly.
    pub sections: Vec<SectionId>,
}

/// A change note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The touched section, or `package`.
    pub section: SectionId,
    /// What changed and why.
    pub text: String,
}

/// A comment or question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The thread it continues, if any.
    pub about: Option<RecordId>,
    /// The passage it is about.
    pub anchor: Option<Anchor>,
    /// True for a question that must be answered before the package can pass.
    pub blocking: bool,
    /// The section.
    pub section: SectionId,
    /// The words.
    pub text: String,
}

/// A passage of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The quoted words.
    pub quote: String,
    /// Digest of the section they stood in.
    pub sha256: SectionDigest,
}

/// An answer or a closing word in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The record that opened the thread.
    pub about: RecordId,
    /// The words; may be empty when resolving.
    pub text: String,
}

/// The decisions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The criterion is met.
    Approve,
    /// It is not; the findings say what would change that.
    Reject,
    /// A question must be answered first.
    Clarify,
    /// Present, without a vote.
    Abstain,
}

/// A reviewer's decision in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// Terms of an approval.
    pub conditions: Vec<Condition>,
    /// The decision.
    pub decision: Decision,
    /// What a rejection says is wrong.
    pub findings: Vec<Finding>,
    /// What a request for clarification asks.
    pub question: Option<Question>,
}

/// A term attached to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// Its id.
    pub id: ConditionId,
    /// What sort of term.
    pub kind: ConditionKind,
    /// Who must see to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonId>,
    /// The term in words.
    pub text: String,
}

/// The sorts of condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// To be done by a date after approval.
    PostMerge,
    /// Holds as long as the approval does.
    Standing,
}

/// What a rejection says is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The concern.
    pub concern: String,
    /// The figure meant, when the reason is a threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<FigureId>,
    /// Its id.
    pub id: FindingId,
    /// Why.
    pub reason: Reason,
    /// What would make the section approvable.
    pub required: String,
    /// The section.
    pub section: SectionId,
}

/// Why a section was found wanting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The documentation does not show what it must.
    Documentation,
    /// A policy threshold is not met.
    Threshold,
    /// An authorization is missing or in doubt.
    Authorization,
    /// Something else; the concern says what.
    Other,
}

/// A question that holds up a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The section.
    pub section: SectionId,
    /// The words.
    pub text: String,
}

/// A record taken back by its signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// Why.
    pub reason: String,
    /// Which record.
    pub record: RecordId,
}

/// The final approval record: an outcome with everything it rests on (SPEC section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certify {
    /// The outcome.
    pub outcome: Certified,
}

/// The frozen outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certified {
    /// Digest of the model artefact, `sha256:...`, if package.toml gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// SHA-256 of the pinned chain.
    pub chain: ChainDigest,
    /// Every condition of a counted approval.
    pub conditions: Vec<CertifiedCondition>,
    /// Package digest.
    pub digest: PackageDigest,
    /// The day by which the model must be reviewed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Date>,
    /// Every revision with its rejections.
    pub rounds: Vec<CertifiedRound>,
    /// `approved` or `approved_with_conditions`.
    pub state: String,
    /// Each step with the decisions that counted.
    pub steps: Vec<CertifiedStep>,
}

/// A condition with the record that set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedCondition {
    /// The condition.
    pub condition: Condition,
    /// The approval that set it.
    pub record: RecordId,
}

/// One submission and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedRound {
    /// Rejections of this revision.
    pub rejections: Vec<RecordId>,
    /// Revision number.
    pub revision: u32,
    /// The submission.
    pub submission: RecordId,
}

/// One step of the frozen outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedStep {
    /// The decisions that counted.
    pub decisions: Vec<CertifiedDecision>,
    /// Its state.
    pub state: String,
    /// The step.
    pub step: StepId,
}

/// One counted decision, with what 21 CFR 11.50 asks to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedDecision {
    /// When it was signed.
    pub at: Timestamp,
    /// Its fate: `COUNTED` or `CARRIED`.
    pub code: String,
    /// What was decided.
    pub decision: Decision,
    /// The sentence signed.
    pub meaning: String,
    /// Printed name.
    pub name: String,
    /// Person id.
    pub person: PersonId,
    /// The record.
    pub record: RecordId,
    /// The role.
    pub role: RoleId,
}
