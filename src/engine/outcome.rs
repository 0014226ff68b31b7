//! What an evaluation says: states, fates, threads, findings, conditions, reasons, advice.

use super::code::FateCode;
use super::state::{PackageState, StepState};
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
