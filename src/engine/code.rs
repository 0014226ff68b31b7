//! The codes under which records stand in an outcome: exactly one each.

use serde::Serialize;

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
