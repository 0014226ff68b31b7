//! What each kind of record adds (SPEC section 3). Fields stand in alphabetical order, as on the wire.

use super::people::PeopleChange;
use crate::digest::{ChainDigest, DiffDigest, FileDigest, PackageDigest, RecordId, SectionDigest};
use crate::id::{ConditionId, FigureId, FindingId, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The submitter takes the revision out of review.
    Retract,
    /// Somebody entitled objects, also before a step opens.
    Object,
    /// A reviewer steps aside for good.
    Recuse,
    /// An earlier approver confirms a minor change.
    Confirm,
    /// A rejection that nobody looked at again in time is set aside.
    ResolveRejection,
    /// A person lets another decide for them, for a while.
    Delegate,
    /// A delegation ends.
    Undelegate,
    /// A condition is said to be met.
    Discharge,
    /// That is checked.
    Verify,
    /// A condition is dropped.
    Waive,
    /// A step is set aside by two people.
    Override,
    /// A certificate is taken out of force.
    Revoke,
}

impl Kind {
    /// True for records about one package; false for those about people.
    pub fn about_package(self) -> bool {
        !matches!(self, Kind::People | Kind::Delegate | Kind::Undelegate)
    }
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
    /// Why the revision leaves review.
    Retract(Retract),
    /// See [`Object`].
    Object(Object),
    /// Why the signer steps aside.
    Recuse(Recuse),
    /// See [`Confirm`].
    Confirm(Confirm),
    /// The rejection set aside, and why.
    ResolveRejection(About),
    /// See [`Delegate`].
    Delegate(Delegate),
    /// The delegation that ends, and why.
    Undelegate(About),
    /// See [`Discharge`].
    Discharge(Discharge),
    /// See [`Verify`].
    Verify(Verify),
    /// See [`Waive`].
    Waive(Waive),
    /// See [`Override`].
    Override(Override),
    /// The certificate revoked, and why.
    Revoke(About),
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
            Body::Retract(_) => Kind::Retract,
            Body::Object(_) => Kind::Object,
            Body::Recuse(_) => Kind::Recuse,
            Body::Confirm(_) => Kind::Confirm,
            Body::ResolveRejection(_) => Kind::ResolveRejection,
            Body::Delegate(_) => Kind::Delegate,
            Body::Undelegate(_) => Kind::Undelegate,
            Body::Discharge(_) => Kind::Discharge,
            Body::Verify(_) => Kind::Verify,
            Body::Waive(_) => Kind::Waive,
            Body::Override(_) => Kind::Override,
            Body::Revoke(_) => Kind::Revoke,
        }
    }

    /// The reason it gives, for kinds that must give one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Body::Withdraw(Withdraw { reason, .. })
            | Body::Retract(Retract { reason })
            | Body::Object(Object { reason, .. })
            | Body::Recuse(Recuse { reason })
            | Body::ResolveRejection(About { reason, .. })
            | Body::Undelegate(About { reason, .. })
            | Body::Revoke(About { reason, .. })
            | Body::Delegate(Delegate { reason, .. })
            | Body::Discharge(Discharge { reason, .. })
            | Body::Verify(Verify { reason, .. })
            | Body::Waive(Waive { reason, .. })
            | Body::Override(Override { reason, .. }) => Some(reason),
            _ => None,
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
    /// How much the author says has changed, from revision 2 on. It can raise what the engine finds.
    pub class: Option<ClaimedClass>,
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

/// How much a change matters, as somebody claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimedClass {
    /// No page looks different.
    Cosmetic,
    /// A small change of prose.
    Minor,
    /// Anything else.
    Material,
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
    /// How grave a rejection is; ordinary if `None`.
    pub severity: Option<Severity>,
}

/// How grave a rejection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody can override it or set it aside.
    Final,
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
    /// The step it must be met before, for that kind; every later step if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// The term in words.
    pub text: String,
    /// Who verifies that it was met; the role of the step that set it, if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier_role: Option<RoleId>,
}

/// The sorts of condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// To be met before the package may merge.
    PreMerge,
    /// To be met before later steps open.
    BeforeStep,
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

/// A revision taken out of review by its submitter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retract {
    /// Why.
    pub reason: String,
}

/// An objection: it stands until its signer approves the step or takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Why.
    pub reason: String,
    /// The section meant, if one.
    pub section: Option<SectionId>,
}

/// A reviewer steps aside: nothing this person approved or approves in this package counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recuse {
    /// Why.
    pub reason: String,
}

/// An earlier approver has seen what changed since and stands by the step's approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// The class of the change as it was shown.
    pub class: ClaimedClass,
    /// Digest of the diff that was shown.
    pub diff: DiffDigest,
    /// The revision that was approved.
    pub since: u32,
}

/// Something said about another record: which one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Why.
    pub reason: String,
    /// Which record.
    pub record: RecordId,
}

/// A person lets another decide for them. Who signs is the principal or a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegate {
    /// First instant at which it holds.
    pub from: Timestamp,
    /// Packages it is for; every one if empty.
    pub packages: Vec<PackageId>,
    /// Whose seat is filled.
    pub principal: PersonId,
    /// Why.
    pub reason: String,
    /// Steps it is for; every one if empty.
    pub steps: Vec<StepId>,
    /// Who fills it.
    pub to: PersonId,
    /// First instant at which it does not hold any more.
    pub until: Timestamp,
}

/// A condition is said to be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discharge {
    /// The condition.
    pub condition: ConditionId,
    /// SHA-256 of a file that shows it, if any.
    pub evidence: Option<FileDigest>,
    /// How it was met.
    pub reason: String,
    /// The approval that set it.
    pub record: RecordId,
}

/// Whether a condition said to be met is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// True if it is; false gives it back to its owner.
    pub accepted: bool,
    /// The condition.
    pub condition: ConditionId,
    /// On what grounds.
    pub reason: String,
    /// The approval that set it.
    pub record: RecordId,
}

/// A condition is dropped by the authority that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waive {
    /// The condition.
    pub condition: ConditionId,
    /// Why.
    pub reason: String,
    /// The approval that set it.
    pub record: RecordId,
}

/// Steps are set aside. It takes a second record, by another person, that names the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The first record, in the second.
    pub about: Option<RecordId>,
    /// Last day it holds.
    pub expires: Date,
    /// Why.
    pub reason: String,
    /// By when it must be looked back on.
    pub review: Date,
    /// Which steps.
    pub steps: Vec<StepId>,
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
    /// `approved`, `approved_with_conditions` or `approved_by_override`.
    pub state: String,
    /// Each step with the decisions that counted.
    pub steps: Vec<CertifiedStep>,
    /// The certificate of another package for this model version that this one replaces, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<RecordId>,
}

/// A condition with the record that set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedCondition {
    /// The condition.
    pub condition: Condition,
    /// The approval that set it.
    pub record: RecordId,
    /// What became of it by then; still open if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ConditionEnd>,
}

/// How a condition ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionEnd {
    /// It was met, and somebody else checked that.
    Verified,
    /// It was dropped.
    Waived,
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
    /// Its deadline, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The records that set it aside, if it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<RecordId>,
    /// Its state.
    pub state: String,
    /// The step.
    pub step: StepId,
}

/// One counted decision, with what 21 CFR 11.50 asks to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedDecision {
    /// Whose seat was filled, if another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<PersonId>,
    /// When it was signed.
    pub at: Timestamp,
    /// Its fate: `COUNTED`, `COUNTED_AS` or `CARRIED`.
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
