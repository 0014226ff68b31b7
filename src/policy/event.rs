//! What a line of a story says.

use crate::id::{ConditionId, FindingId, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::record::{ClaimedClass, Condition, Decision};
use crate::time::{Date, Timestamp};

/// One line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// A name that later lines may use for the record it makes.
    pub label: Option<String>,
    /// What happens.
    pub event: Event,
}

/// What happens.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Time goes by.
    Clock(Clock),
    /// The people change.
    People(PersonId, Turn),
    /// The chain file is replaced by another one of the test file.
    Rules(String),
    /// The certificate of another package for the same model version replaces this one's.
    Replaced,
    /// Somebody signs a record.
    Record(PersonId, Box<Said>),
}

/// How time goes by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clock {
    /// By so many seconds.
    Plus(i64),
    /// By so many days that are business days in the chain's calendar.
    Business(u32),
    /// To an instant.
    At(Timestamp),
}

/// How a person's standing changes.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    /// Takes up a role.
    Gains(RoleId),
    /// Lays it down.
    Loses(RoleId),
    /// The key is revoked; for cause, if a record is named: that one and later ones are disputed.
    KeyRevoked(Option<Which>),
    /// A new key takes its place.
    KeyRenewed,
    /// Is enrolled, with roles.
    Joins(Vec<RoleId>),
}

/// A record, as told.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// What it says.
    pub what: What,
    /// Whose seat is filled, if another's.
    pub acting_for: Option<PersonId>,
    /// How it came to be.
    pub how: How,
}

/// How a record came to be, where that is out of the ordinary.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    /// What its signer had seen; everything if `None`.
    pub seen: Option<Seen>,
    /// The revision it is about; the newest if `None`.
    pub revision: Option<u32>,
    /// The role named.
    pub role: Option<RoleId>,
    /// Declared AI assistance.
    pub assistance: Option<String>,
    /// The pull request it was made for.
    pub pull_request: Option<u64>,
    /// Something about it is wrong.
    pub wrong: Option<Fault>,
    /// It waits for the next append.
    pub pending: bool,
}

/// What a signer had seen.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// The first so many records.
    First(usize),
    /// These, and what their signers had seen.
    These(Vec<Which>),
}

/// What can be wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Made in another repository.
    Repository,
    /// About another package.
    Package,
    /// About a revision that does not exist.
    Revision,
    /// About other bytes.
    Digest,
    /// Under another chain.
    Chain,
    /// With another sentence.
    Meaning,
    /// Without a section that must be shown.
    Scope,
    /// With another outcome of earlier steps.
    Upstream,
    /// With another printed name.
    Name,
}

/// Another record of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// By its number, from 1.
    Number(usize),
    /// By its label.
    Label(String),
    /// The last one that fits.
    Last,
}

/// What a record says.
#[derive(Debug, Clone)]
pub(super) enum What {
    Submit { edits: Vec<Edit>, helpers: Vec<PersonId>, claim: Option<ClaimedClass>, answers: Vec<FindingId> },
    Decide(Decided),
    Ask { section: SectionId, text: String, blocking: bool },
    Answer(Which, String),
    Resolve(Which, String),
    Withdraw(Which, String),
    Certify,
    Retract(String),
    Object { step: StepId, section: Option<SectionId>, reason: String },
    Recuse(String),
    Confirm(StepId),
    ResolveRejection(Which, String),
    Delegate(Delegated),
    Undelegate(Which, String),
    Discharge(ConditionId, Which, String),
    Verify(ConditionId, Which, bool, String),
    Waive(ConditionId, Which, String),
    Override { steps: Vec<StepId>, expires: Date, review: Option<Date>, reason: String },
    Second { first: Which, expires: Option<Date>, reason: Option<String> },
    Revoke(Which, String),
    Repeat(Which),
}

/// A decision, as told.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    /// The step.
    pub step: StepId,
    /// The decision.
    pub decision: Decision,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Its findings: id, section, concern.
    pub findings: Vec<(Option<FindingId>, Option<SectionId>, String)>,
    /// Its question: section, words.
    pub question: Option<(Option<SectionId>, String)>,
    /// Nobody can set it aside.
    pub finally: bool,
}

/// A delegation, as told.
#[derive(Debug, Clone)]
pub(super) struct Delegated {
    /// Whose seat is filled; the signer's if `None`.
    pub principal: Option<PersonId>,
    /// Who fills it.
    pub to: PersonId,
    /// First instant.
    pub from: Timestamp,
    /// First instant at which it does not hold any more.
    pub until: Timestamp,
    /// Steps it is for.
    pub steps: Vec<StepId>,
    /// Packages it is for.
    pub packages: Vec<PackageId>,
    /// Why.
    pub reason: String,
}

/// A change of the files before a submission.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// The text of a section.
    Section(SectionId, String),
    /// A file of evidence for a section.
    Evidence(SectionId, String),
    /// A key of `[meta]` in package.toml.
    Meta(String, String),
    /// The permitted use in package.toml.
    Use(String),
    /// Everything as it was in a revision.
    BackTo(u32),
}
