//! The states of packages and steps.

use serde::Serialize;

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
