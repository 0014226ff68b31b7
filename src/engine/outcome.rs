//! What an evaluation says: states, fates, threads, findings, conditions, reasons, advice.

use crate::digest::{RecordId, UpstreamDigest};
use crate::id::{ConditionId, FindingId, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::record::{Answer, Condition, Decision, Finding, Kind};
use crate::time::{Date, Timestamp};
use serde::Serialize;

/// What the records add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The package.
    pub package: PackageId,
    /// Current revision; 0 before the first submission.
    pub revision: u32,
    /// Judged at.
    pub as_of: Timestamp,
    /// The package's state.
    pub state: PackageState,
    /// Each step, in chain order.
    pub steps: Vec<StepOutcome>,
    /// Each record, in ledger order, with exactly one code.
    pub fates: Vec<Fate>,
    /// Each question with its answers.
    pub threads: Vec<Thread>,
    /// Each finding ever made.
    pub findings: Vec<FindingOutcome>,
    /// Conditions of counted approvals.
    pub conditions: Vec<ConditionOutcome>,
    /// Each submission and its rejections.
    pub rounds: Vec<Round>,
    /// The certificate in force, if any.
    pub certificate: Option<CertificateOutcome>,
    /// Why the package is in its state.
    pub why: Why,
    /// What is missing now, and who can supply it.
    pub advice: Vec<Advice>,
}

/// States of a package, first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageState {
    /// The ledger or a frozen revision of it does not hold.
    IntegrityError,
    /// It cannot be judged.
    Error,
    /// Not submitted yet.
    Draft,
    /// A rejection stands.
    ChangesRequired,
    /// A question is open.
    ClarificationPending,
    /// Steps are still open.
    InReview,
    /// Every step passed, with conditions.
    ApprovedWithConditions,
    /// Every step passed.
    Approved,
    /// A certificate is in force.
    Certified,
    /// Its certificate has run out.
    Expired,
}

impl PackageState {
    /// True if every step passed and nothing ran out: the gate may open.
    pub fn passes(self) -> bool {
        matches!(
            self,
            PackageState::Approved | PackageState::ApprovedWithConditions | PackageState::Certified
        )
    }

    /// The state in words, to follow "is".
    pub fn words(self) -> &'static str {
        match self {
            PackageState::IntegrityError => "damaged or tampered with",
            PackageState::Error => "impossible to judge",
            PackageState::Draft => "a draft, not submitted",
            PackageState::ChangesRequired => "rejected: changes are required",
            PackageState::ClarificationPending => "waiting for a clarification",
            PackageState::InReview => "in review",
            PackageState::ApprovedWithConditions => "approved with conditions",
            PackageState::Approved => "approved",
            PackageState::Certified => "certified",
            PackageState::Expired => "past the review date of its certificate",
        }
    }
}

/// States of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Earlier steps have not passed.
    Waiting,
    /// May be decided now.
    Open,
    /// A question holds it up.
    Clarifying,
    /// Enough approvals count.
    Satisfied,
    /// Enough approvals count, with conditions.
    SatisfiedWithConditions,
    /// A rejection stands.
    Refused,
    /// Was satisfied; the content or an earlier outcome changed.
    Stale,
    /// Was satisfied; an earlier step is not satisfied now.
    Suspended,
}

impl StepState {
    /// True if later steps may go on from here.
    pub fn passed(self) -> bool {
        matches!(self, StepState::Satisfied | StepState::SatisfiedWithConditions)
    }

    /// The state in words, to follow "is".
    pub fn words(self) -> &'static str {
        match self {
            StepState::Waiting => "waiting for earlier steps",
            StepState::Open => "open",
            StepState::Clarifying => "held up by a question",
            StepState::Satisfied => "passed",
            StepState::SatisfiedWithConditions => "passed with conditions",
            StepState::Refused => "refused",
            StepState::Stale => "to be decided anew",
            StepState::Suspended => "suspended",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepOutcome {
    /// The step.
    pub id: StepId,
    /// Title.
    pub title: String,
    /// Role that decides.
    pub role: RoleId,
    /// Its state.
    pub state: StepState,
    /// Approvals that count.
    pub approvals: u32,
    /// Approvals needed.
    pub needed: u32,
    /// Decisions that are in effect, one a seat.
    pub seats: Vec<Seat>,
    /// Digest a decision signed now must carry.
    pub upstream: UpstreamDigest,
    /// Who holds the role and may still decide.
    pub eligible: Vec<PersonId>,
    /// Why it is in its state.
    pub why: Why,
}

/// The effective decision of one person in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Who.
    pub person: PersonId,
    /// What.
    pub decision: Decision,
    /// The record.
    pub record: RecordId,
    /// Its fate.
    pub code: FateCode,
    /// Revision it was made on.
    pub revision: u32,
    /// When.
    pub at: Timestamp,
}

/// The fate of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// What became of it.
    pub code: FateCode,
    /// In words; names the record, person or step that matters.
    pub note: String,
}

/// What can become of a record: the first reason not to count, or how it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FateCode {
    /// The signing key was not the signer's, or revoked, at that position.
    KeyNotValid,
    /// Made in another repository.
    WrongRepository,
    /// About a package or revision that does not exist, or another digest.
    WrongPackage,
    /// The same record twice.
    Duplicate,
    /// Names another chain than the revision pinned.
    ChainMismatch,
    /// The sentence is not the one the chain asks for.
    MeaningChanged,
    /// The signer did not hold the role at that position.
    RoleNotHeld,
    /// The signer wrote the package.
    SodAuthor,
    /// The signer changed the package.
    SodContributor,
    /// The signer already fills another step of this package.
    SodOneStep,
    /// Approved before earlier steps had passed.
    StepNotOpen,
    /// The signer was not shown every section the step judges.
    ScopeIncomplete,
    /// The content changed since.
    StaleContent,
    /// An earlier step's outcome changed since.
    UpstreamChanged,
    /// Came after the certificate.
    PostCertificate,
    /// The record or thread it is about does not exist, or is not the signer's to act on.
    NotApplicable,
    /// Counts.
    Counted,
    /// Counts for a later revision too.
    Carried,
    /// A rejection that stands.
    StandingRejection,
    /// A question that is open.
    OpenQuestion,
    /// A later decision of the same seat replaced it.
    Superseded,
    /// Its signer took it back.
    Withdrawn,
    /// About an older revision than what this seat said last; changes nothing.
    OlderThanSeatState,
    /// Its step passed, but an earlier one does not now.
    Suspended,
    /// A record that is kept and shown and has no vote: a comment, an answer, a submission.
    Noted,
}

impl FateCode {
    /// Every code, in the order in which they are looked for.
    pub const ALL: [FateCode; 25] = [
        FateCode::KeyNotValid,
        FateCode::WrongRepository,
        FateCode::WrongPackage,
        FateCode::Duplicate,
        FateCode::ChainMismatch,
        FateCode::MeaningChanged,
        FateCode::RoleNotHeld,
        FateCode::SodAuthor,
        FateCode::SodContributor,
        FateCode::SodOneStep,
        FateCode::StepNotOpen,
        FateCode::ScopeIncomplete,
        FateCode::StaleContent,
        FateCode::UpstreamChanged,
        FateCode::PostCertificate,
        FateCode::NotApplicable,
        FateCode::Counted,
        FateCode::Carried,
        FateCode::StandingRejection,
        FateCode::OpenQuestion,
        FateCode::Superseded,
        FateCode::Withdrawn,
        FateCode::OlderThanSeatState,
        FateCode::Suspended,
        FateCode::Noted,
    ];

    /// The code as it is written in records, JSON and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            FateCode::KeyNotValid => "KEY_NOT_VALID",
            FateCode::WrongRepository => "WRONG_REPOSITORY",
            FateCode::WrongPackage => "WRONG_PACKAGE",
            FateCode::Duplicate => "DUPLICATE",
            FateCode::ChainMismatch => "CHAIN_MISMATCH",
            FateCode::MeaningChanged => "MEANING_CHANGED",
            FateCode::RoleNotHeld => "ROLE_NOT_HELD",
            FateCode::SodAuthor => "SOD_AUTHOR",
            FateCode::SodContributor => "SOD_CONTRIBUTOR",
            FateCode::SodOneStep => "SOD_ONE_STEP",
            FateCode::StepNotOpen => "STEP_NOT_OPEN",
            FateCode::ScopeIncomplete => "SCOPE_INCOMPLETE",
            FateCode::StaleContent => "STALE_CONTENT",
            FateCode::UpstreamChanged => "UPSTREAM_CHANGED",
            FateCode::PostCertificate => "POST_CERTIFICATE",
            FateCode::NotApplicable => "NOT_APPLICABLE",
            FateCode::Counted => "COUNTED",
            FateCode::Carried => "CARRIED",
            FateCode::StandingRejection => "STANDING_REJECTION",
            FateCode::OpenQuestion => "OPEN_QUESTION",
            FateCode::Superseded => "SUPERSEDED",
            FateCode::Withdrawn => "WITHDRAWN",
            FateCode::OlderThanSeatState => "OLDER_THAN_SEAT_STATE",
            FateCode::Suspended => "SUSPENDED",
            FateCode::Noted => "NOTED",
        }
    }

    /// True if a decision with this code has a say now: for or against.
    pub fn in_effect(self) -> bool {
        matches!(
            self,
            FateCode::Counted | FateCode::Carried | FateCode::StandingRejection | FateCode::OpenQuestion
        )
    }
}

impl std::fmt::Display for FateCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thread {
    /// The record that opened it.
    pub id: RecordId,
    /// Its section.
    pub section: SectionId,
    /// Who asked.
    pub asker: PersonId,
    /// True if the package cannot pass before it is resolved.
    pub blocking: bool,
    /// State.
    pub state: ThreadState,
    /// Comments, answers and the closing word, in ledger order.
    pub replies: Vec<RecordId>,
    /// True if its section has changed since.
    pub outdated: bool,
}

/// Where a thread stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    /// A note: nobody need answer.
    Note,
    /// Waits for the author's side.
    Open,
    /// Waits for the asker.
    Answered,
    /// Closed by the asker.
    Resolved,
}

/// A finding and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingOutcome {
    /// The rejection that made it.
    pub record: RecordId,
    /// Revision it was made on.
    pub revision: u32,
    /// By whom.
    pub by: PersonId,
    /// In which step.
    pub step: StepId,
    /// The finding.
    pub finding: Finding,
    /// The latest answer, with the revision that gave it.
    pub answer: Option<(u32, Answer)>,
    /// True until the seat that made it approves or withdraws.
    pub open: bool,
}

impl FindingOutcome {
    /// The finding's id.
    pub fn id(&self) -> &FindingId {
        &self.finding.id
    }
}

/// A condition of a counted approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionOutcome {
    /// The approval that set it.
    pub record: RecordId,
    /// The step.
    pub step: StepId,
    /// The condition.
    pub condition: Condition,
    /// True if its date has passed.
    pub overdue: bool,
}

impl ConditionOutcome {
    /// The condition's id.
    pub fn id(&self) -> &ConditionId {
        &self.condition.id
    }
}

/// One submission and its rejections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Revision number.
    pub revision: u32,
    /// The submission.
    pub submission: RecordId,
    /// Rejections of this revision, withdrawn ones too.
    pub rejections: Vec<RecordId>,
}

/// The certificate in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateOutcome {
    /// The record.
    pub record: RecordId,
    /// Revision it certifies.
    pub revision: u32,
    /// When it was issued.
    pub at: Timestamp,
    /// Last day it holds.
    pub review_by: Option<Date>,
}

/// A node of the tree of reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The rule, in words.
    pub rule: String,
    /// Whether it holds.
    pub holds: bool,
    /// Because of what; may be empty.
    pub because: String,
    /// Records that matter.
    pub records: Vec<RecordId>,
    /// Reasons below.
    pub parts: Vec<Why>,
}

/// Something that would move the package on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The step it concerns, if one.
    pub step: Option<StepId>,
    /// What is missing, in words.
    pub missing: String,
    /// Who can supply it.
    pub who: Vec<PersonId>,
    /// The command that does it; may be empty.
    pub command: String,
}
