//! What an evaluation says: states, fates, threads, findings, conditions, reasons, advice.

use crate::digest::{RecordId, UpstreamDigest};
use crate::id::{ConditionId, FindingId, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::record::{Answer, Condition, ConditionKind, Decision, Finding, Kind};
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
    /// Each request to set steps aside, seconded or not.
    pub overrides: Vec<OverrideOutcome>,
    /// The certificate in force, if any.
    pub certificate: Option<CertificateOutcome>,
    /// Why the package is in its state.
    pub why: Why,
    /// What is missing now, and who can supply it.
    pub advice: Vec<Advice>,
    /// The next date at which something runs out, if anything does, with what.
    pub next: Option<(Timestamp, String)>,
}

impl Outcome {
    /// True if the package may merge: every step passed, nothing ran out, and no condition that must be
    /// met before is open.
    pub fn gate_open(&self) -> bool {
        self.state.passes() && self.pre_merge().next().is_none()
    }

    /// Open conditions that must be met before the package may merge.
    pub fn pre_merge(&self) -> impl Iterator<Item = &ConditionOutcome> {
        self.conditions.iter().filter(|c| c.condition.kind == ConditionKind::PreMerge && !c.state.ended())
    }
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
    /// A final rejection stands.
    Rejected,
    /// Its submitter took the revision out of review.
    Withdrawn,
    /// A step was not decided in time.
    Lapsed,
    /// Another package's certificate replaced its own.
    Superseded,
    /// A rejection stands, or a newer chain must be met.
    ChangesRequired,
    /// A question is open.
    ClarificationPending,
    /// Steps are still open.
    InReview,
    /// Every step passed or was set aside by two people.
    ApprovedByOverride,
    /// Every step passed, with conditions.
    ApprovedWithConditions,
    /// Every step passed.
    Approved,
    /// A certificate is in force.
    Certified,
    /// Its certificate has run out.
    Expired,
    /// Its certificate holds, and something since asks for a new review.
    ReReviewDue,
    /// Its certificate was revoked.
    Revoked,
}

impl PackageState {
    /// Every state, in the order in which they are looked for.
    pub const ALL: [PackageState; 17] = [
        PackageState::IntegrityError,
        PackageState::Error,
        PackageState::Draft,
        PackageState::Rejected,
        PackageState::Withdrawn,
        PackageState::Lapsed,
        PackageState::Superseded,
        PackageState::ChangesRequired,
        PackageState::ClarificationPending,
        PackageState::InReview,
        PackageState::ApprovedByOverride,
        PackageState::ApprovedWithConditions,
        PackageState::Approved,
        PackageState::Certified,
        PackageState::Expired,
        PackageState::ReReviewDue,
        PackageState::Revoked,
    ];

    /// True if every step passed and nothing ran out: the gate may open.
    pub fn passes(self) -> bool {
        matches!(
            self,
            PackageState::Approved
                | PackageState::ApprovedWithConditions
                | PackageState::ApprovedByOverride
                | PackageState::Certified
        )
    }

    /// The state in words, to follow "is".
    pub fn words(self) -> &'static str {
        match self {
            PackageState::IntegrityError => "damaged or tampered with",
            PackageState::Error => "impossible to judge",
            PackageState::Draft => "a draft, not submitted",
            PackageState::Rejected => "rejected for good",
            PackageState::Withdrawn => "withdrawn by its submitter",
            PackageState::Lapsed => "lapsed: it was not decided in time",
            PackageState::Superseded => "superseded by another package",
            PackageState::ChangesRequired => "rejected: changes are required",
            PackageState::ClarificationPending => "waiting for a clarification",
            PackageState::InReview => "in review",
            PackageState::ApprovedByOverride => "approved by override",
            PackageState::ApprovedWithConditions => "approved with conditions",
            PackageState::Approved => "approved",
            PackageState::Certified => "certified",
            PackageState::Expired => "past the review date of its certificate",
            PackageState::ReReviewDue => "certified, and due for a new review",
            PackageState::Revoked => "revoked: its certificate is no longer in force",
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
    /// Was satisfied; a small change of prose must be confirmed.
    NeedsConfirm,
    /// Was satisfied; an earlier step is not satisfied now.
    Suspended,
    /// Not for this package.
    NotApplicable,
    /// Set aside by two people.
    Overridden,
    /// Cannot be judged: the package does not say whether it is for it.
    Error,
}

impl StepState {
    /// Every state.
    pub const ALL: [StepState; 12] = [
        StepState::Waiting,
        StepState::Open,
        StepState::Clarifying,
        StepState::Satisfied,
        StepState::SatisfiedWithConditions,
        StepState::Refused,
        StepState::Stale,
        StepState::NeedsConfirm,
        StepState::Suspended,
        StepState::NotApplicable,
        StepState::Overridden,
        StepState::Error,
    ];

    /// True if later steps may go on from here. A step that is not for the package, or was set aside,
    /// lets pass and is approved by nobody.
    pub fn passed(self) -> bool {
        matches!(
            self,
            StepState::Satisfied
                | StepState::SatisfiedWithConditions
                | StepState::NotApplicable
                | StepState::Overridden
        )
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
            StepState::NeedsConfirm => "to be confirmed after a small change",
            StepState::Suspended => "suspended",
            StepState::NotApplicable => "not for this package",
            StepState::Overridden => "set aside by two people",
            StepState::Error => "impossible to judge",
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
    /// Role that decides; the first, where there are several ways to pass.
    pub role: RoleId,
    /// What is enough, in words: `1 approval by a model-risk reviewer`.
    pub rule: String,
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
    /// Since when it is open (or was, until it passed), if it is.
    pub opened: Option<Timestamp>,
    /// By when it should be decided, if it is open and has a deadline.
    pub due: Option<Timestamp>,
    /// When the review lapses unless it passes, if it is open and the chain says so.
    pub lapses: Option<Timestamp>,
    /// Last day on which its approvals are fresh enough, if the chain limits that.
    pub fresh_until: Option<Date>,
    /// True if it is open after its deadline.
    pub overdue: bool,
    /// Roles that may decide it too by now.
    pub escalated_to: Vec<RoleId>,
    /// True if nobody there is could bring it to pass.
    pub unsatisfiable: bool,
    /// Why it is in its state.
    pub why: Why,
}

/// The effective decision of one person in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Whose seat it is.
    pub person: PersonId,
    /// Who signed in their place, if somebody did.
    pub delegate: Option<PersonId>,
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
    /// Made for another pull request than the submission.
    WrongPullRequest,
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
    /// The signer had no delegation for this seat at that time.
    DelegationInvalid,
    /// The signer wrote the package.
    SodAuthor,
    /// The signer changed the package.
    SodContributor,
    /// The signer already fills another step of this package.
    SodOneStep,
    /// The signer stepped aside.
    Recused,
    /// Prepared with AI assistance, which the step does not allow.
    AssistanceNotAllowed,
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
    /// Counts in the seat of the person the signer acted for.
    CountedAs,
    /// Counts for a later revision too.
    Carried,
    /// Counts again once somebody confirms a small change.
    NeedsConfirm,
    /// A rejection that stands.
    StandingRejection,
    /// A question that is open.
    OpenQuestion,
    /// A later decision of the same seat replaced it.
    Superseded,
    /// The person whose seat it filled decided too.
    SupersededByPrincipal,
    /// Its signer took it back.
    Withdrawn,
    /// About an older revision than what this seat said last; changes nothing.
    OlderThanSeatState,
    /// Its step passed, but an earlier one does not now.
    Suspended,
    /// Older than the step lets approvals be, or past its last day.
    Expired,
    /// Rests on an earlier decision that is disputed.
    SuspectUpstream,
    /// A rejection set aside by the role the chain names.
    Overruled,
    /// An override waits for a second person.
    OverrideNeedsSecond,
    /// An override cannot set this veto aside.
    OverrideDeniedVeto,
    /// An override cannot set a final rejection aside.
    OverrideDeniedFinal,
    /// A record that is kept and shown and has no vote: a comment, an answer, a submission.
    Noted,
}

impl FateCode {
    /// Every code, in the order in which they are looked for.
    pub const ALL: [FateCode; 38] = [
        FateCode::KeyNotValid,
        FateCode::WrongRepository,
        FateCode::WrongPullRequest,
        FateCode::WrongPackage,
        FateCode::Duplicate,
        FateCode::ChainMismatch,
        FateCode::MeaningChanged,
        FateCode::RoleNotHeld,
        FateCode::DelegationInvalid,
        FateCode::SodAuthor,
        FateCode::SodContributor,
        FateCode::SodOneStep,
        FateCode::Recused,
        FateCode::AssistanceNotAllowed,
        FateCode::StepNotOpen,
        FateCode::ScopeIncomplete,
        FateCode::StaleContent,
        FateCode::UpstreamChanged,
        FateCode::PostCertificate,
        FateCode::NotApplicable,
        FateCode::Counted,
        FateCode::CountedAs,
        FateCode::Carried,
        FateCode::NeedsConfirm,
        FateCode::StandingRejection,
        FateCode::OpenQuestion,
        FateCode::Superseded,
        FateCode::SupersededByPrincipal,
        FateCode::Withdrawn,
        FateCode::OlderThanSeatState,
        FateCode::Suspended,
        FateCode::Expired,
        FateCode::SuspectUpstream,
        FateCode::Overruled,
        FateCode::OverrideNeedsSecond,
        FateCode::OverrideDeniedVeto,
        FateCode::OverrideDeniedFinal,
        FateCode::Noted,
    ];

    /// The code as it is written in records, JSON and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            FateCode::KeyNotValid => "KEY_NOT_VALID",
            FateCode::WrongRepository => "WRONG_REPOSITORY",
            FateCode::WrongPullRequest => "WRONG_PULL_REQUEST",
            FateCode::WrongPackage => "WRONG_PACKAGE",
            FateCode::Duplicate => "DUPLICATE",
            FateCode::ChainMismatch => "CHAIN_MISMATCH",
            FateCode::MeaningChanged => "MEANING_CHANGED",
            FateCode::RoleNotHeld => "ROLE_NOT_HELD",
            FateCode::DelegationInvalid => "DELEGATION_INVALID",
            FateCode::SodAuthor => "SOD_AUTHOR",
            FateCode::SodContributor => "SOD_CONTRIBUTOR",
            FateCode::SodOneStep => "SOD_ONE_STEP",
            FateCode::Recused => "RECUSED",
            FateCode::AssistanceNotAllowed => "ASSISTANCE_NOT_ALLOWED",
            FateCode::StepNotOpen => "STEP_NOT_OPEN",
            FateCode::ScopeIncomplete => "SCOPE_INCOMPLETE",
            FateCode::StaleContent => "STALE_CONTENT",
            FateCode::UpstreamChanged => "UPSTREAM_CHANGED",
            FateCode::PostCertificate => "POST_CERTIFICATE",
            FateCode::NotApplicable => "NOT_APPLICABLE",
            FateCode::Counted => "COUNTED",
            FateCode::CountedAs => "COUNTED_AS",
            FateCode::Carried => "CARRIED",
            FateCode::NeedsConfirm => "NEEDS_CONFIRM",
            FateCode::StandingRejection => "STANDING_REJECTION",
            FateCode::OpenQuestion => "OPEN_QUESTION",
            FateCode::Superseded => "SUPERSEDED",
            FateCode::SupersededByPrincipal => "SUPERSEDED_BY_PRINCIPAL",
            FateCode::Withdrawn => "WITHDRAWN",
            FateCode::OlderThanSeatState => "OLDER_THAN_SEAT_STATE",
            FateCode::Suspended => "SUSPENDED",
            FateCode::Expired => "EXPIRED",
            FateCode::SuspectUpstream => "SUSPECT_UPSTREAM",
            FateCode::Overruled => "OVERRULED",
            FateCode::OverrideNeedsSecond => "OVERRIDE_NEEDS_SECOND",
            FateCode::OverrideDeniedVeto => "OVERRIDE_DENIED_VETO",
            FateCode::OverrideDeniedFinal => "OVERRIDE_DENIED_FINAL",
            FateCode::Noted => "NOTED",
        }
    }

    /// True if a decision with this code has a say now: for or against.
    pub fn in_effect(self) -> bool {
        matches!(
            self,
            FateCode::Counted
                | FateCode::CountedAs
                | FateCode::Carried
                | FateCode::StandingRejection
                | FateCode::OpenQuestion
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
    /// Where it stands.
    pub state: ConditionState,
    /// What was said about it since, in ledger order: discharges, checks, waivers.
    pub records: Vec<RecordId>,
    /// True if its date has passed and it is not met.
    pub overdue: bool,
}

/// Where a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// To be met.
    Open,
    /// Said to be met; to be checked.
    Discharged,
    /// Checked, and not met.
    Returned,
    /// Met, and checked by somebody else.
    Verified,
    /// Dropped.
    Waived,
}

impl ConditionState {
    /// True if nothing is left to do about it.
    pub fn ended(self) -> bool {
        matches!(self, ConditionState::Verified | ConditionState::Waived)
    }

    /// The state in words, to follow "is".
    pub fn words(self) -> &'static str {
        match self {
            ConditionState::Open => "open",
            ConditionState::Discharged => "said to be met, to be checked",
            ConditionState::Returned => "checked and not met",
            ConditionState::Verified => "met and checked",
            ConditionState::Waived => "dropped",
        }
    }
}

impl ConditionOutcome {
    /// The condition's id.
    pub fn id(&self) -> &ConditionId {
        &self.condition.id
    }
}

/// A request to set steps aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverrideOutcome {
    /// The request.
    pub record: RecordId,
    /// The record that seconded it, if one did.
    pub second: Option<RecordId>,
    /// Its fate.
    pub code: FateCode,
    /// Which steps.
    pub steps: Vec<StepId>,
    /// Last day it holds.
    pub expires: Date,
    /// By when it must be looked back on.
    pub review: Date,
    /// Why.
    pub reason: String,
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
    /// The record that revoked it, if one did.
    pub revoked: Option<RecordId>,
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
    /// The shortest change to read: from the revision these people decided last, to the current one.
    pub read: Option<(u32, u32)>,
    /// By when.
    pub due: Option<Timestamp>,
}
