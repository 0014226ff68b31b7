//! What the pages say: states, decisions and fates in plain words.

use crate::engine::{ConditionState, FateCode, PackageState, StepState};
use crate::record::{ConditionKind, Decision, Kind, Reason, Record, Unlock, wording};

/// Hex in groups of eight, for reading aloud and comparing.
pub(crate) fn grouped(hash: &impl std::fmt::Display) -> String {
    let hex = hash.to_string();
    let mut out = String::with_capacity(hex.len() + hex.len() / 8);
    for (i, c) in hex.chars().enumerate() {
        if i > 0 && i % 8 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// The ends of a hash, where the whole one stands elsewhere on the page.
pub(crate) fn ends(hash: &impl std::fmt::Display) -> String {
    let hex = hash.to_string();
    format!("{}…{}", &hex[..12.min(hex.len())], &hex[hex.len().saturating_sub(4)..])
}

/// `1 section`, `3 sections`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 {
        return format!("1 {one}");
    }
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{n} {stem}ies"),
        _ => format!("{n} {one}s"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `model-risk` as `model risk`: roles have no title of their own.
pub(crate) fn role(id: &impl std::fmt::Display) -> String {
    id.to_string().replace('-', " ")
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => count(usize::try_from(bytes).unwrap_or(0), "byte"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// A state: its word, the sentence that leads a page, tone and icon of its tag.
pub(crate) struct StateWords {
    pub word: &'static str,
    pub sentence: &'static str,
    pub tone: &'static str,
    pub icon: &'static str,
    /// Name in addresses.
    pub slug: &'static str,
}

/// All states, in the order in which the inventory offers them.
pub(crate) const STATES: [PackageState; 17] = [
    PackageState::IntegrityError,
    PackageState::Error,
    PackageState::Rejected,
    PackageState::Lapsed,
    PackageState::ChangesRequired,
    PackageState::ClarificationPending,
    PackageState::InReview,
    PackageState::ApprovedByOverride,
    PackageState::ApprovedWithConditions,
    PackageState::Approved,
    PackageState::Certified,
    PackageState::ReReviewDue,
    PackageState::Expired,
    PackageState::Revoked,
    PackageState::Superseded,
    PackageState::Withdrawn,
    PackageState::Draft,
];

pub(crate) fn state(state: PackageState) -> StateWords {
    let (word, sentence, tone, icon, slug) = match state {
        PackageState::IntegrityError => (
            "Invalid",
            "The record of this package does not hold. It is not approved.",
            "bad",
            "cross",
            "invalid",
        ),
        PackageState::Error => (
            "Cannot be judged",
            "This package cannot be judged. It is not approved.",
            "bad",
            "cross",
            "error",
        ),
        PackageState::Draft => {
            ("Draft", "This package has not been submitted for review.", "quiet", "pen", "draft")
        }
        PackageState::Rejected => (
            "Rejected for good",
            "A reviewer rejected this package with a final rejection. It is not approved for deployment.",
            "bad",
            "cross",
            "rejected-for-good",
        ),
        PackageState::Withdrawn => (
            "Withdrawn",
            "The submitter took this revision out of review. The model is not approved for deployment.",
            "quiet",
            "dash",
            "withdrawn",
        ),
        PackageState::Lapsed => (
            "Lapsed",
            "A step was not decided in time, so the review lapsed. The model is not approved for deployment.",
            "warn",
            "clock",
            "lapsed",
        ),
        PackageState::Superseded => (
            "Superseded",
            "The certificate of another package replaced this one.",
            "quiet",
            "dash",
            "superseded",
        ),
        PackageState::ChangesRequired => (
            "Rejected",
            "Changes are required. This package is not approved for deployment.",
            "bad",
            "cross",
            "rejected",
        ),
        PackageState::ClarificationPending => (
            "Question open",
            "A reviewer's question waits for an answer. The model is not yet approved for deployment.",
            "warn",
            "speech",
            "question-open",
        ),
        PackageState::InReview => (
            "In review",
            "The review is under way. The model is not yet approved for deployment.",
            "info",
            "clock",
            "in-review",
        ),
        PackageState::ApprovedByOverride => (
            "Approved by override, not certified",
            "Two people set a step of this review aside. Its certificate has not been issued yet.",
            "warn",
            "clock",
            "approved-by-override",
        ),
        PackageState::ApprovedWithConditions => (
            "Approved with conditions, not certified",
            "Every step has approved this package with conditions. Its certificate has not been issued yet.",
            "info",
            "clock",
            "approved-with-conditions",
        ),
        PackageState::Approved => (
            "Approved, not certified",
            "Every step has approved this package. Its certificate has not been issued yet.",
            "info",
            "clock",
            "approved",
        ),
        PackageState::Certified => (
            "Certified",
            "This package is approved and its certificate is in force.",
            "ok",
            "check",
            "certified",
        ),
        PackageState::Expired => (
            "Certificate expired",
            "The certificate of this package has run out. The model must be reviewed again.",
            "warn",
            "clock",
            "expired",
        ),
        PackageState::ReReviewDue => (
            "Re-review due",
            "The certificate is in force, but something since asks for a new review.",
            "warn",
            "clock",
            "re-review-due",
        ),
        PackageState::Revoked => (
            "Revoked",
            "The certificate of this package was revoked. The model is not approved for deployment.",
            "bad",
            "cross",
            "revoked",
        ),
    };
    StateWords { word, sentence, tone, icon, slug }
}

/// A step's state: words and the class of its mark.
pub(crate) fn step_state(state: StepState) -> (&'static str, &'static str) {
    match state {
        StepState::Waiting => ("Opens later", "wait"),
        StepState::Open => ("Open now", "now"),
        StepState::Clarifying => ("Waits for an answer", "now"),
        StepState::Satisfied => ("Approved", "done"),
        StepState::SatisfiedWithConditions => ("Approved with conditions", "done"),
        StepState::Refused => ("Rejected", "bad"),
        StepState::Stale => ("To be decided anew: the package or an earlier outcome changed", "now"),
        StepState::NeedsConfirm => ("To be confirmed: the wording changed a little", "now"),
        StepState::Suspended => ("On hold: an earlier step is not approved now", "wait"),
        StepState::NotApplicable => ("Not for this package: nobody decided it", "skip"),
        StepState::Overridden => ("Set aside by two people: nobody approved it", "aside"),
        StepState::Error => ("Cannot be judged: the package does not say whether the step is for it", "bad"),
    }
}

/// A step's state in two or three words, for a drawing.
pub(crate) fn step_short(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "Opens later",
        StepState::Open => "Open now",
        StepState::Clarifying => "Question open",
        StepState::Satisfied => "Approved",
        StepState::SatisfiedWithConditions => "With conditions",
        StepState::Refused => "Rejected",
        StepState::Stale => "Decide anew",
        StepState::NeedsConfirm => "To be confirmed",
        StepState::Suspended => "On hold",
        StepState::NotApplicable => "Not for this one",
        StepState::Overridden => "Set aside",
        StepState::Error => "Cannot be judged",
    }
}

/// Where a condition stands: words, tone and icon.
pub(crate) fn condition_state(state: ConditionState) -> (&'static str, &'static str, &'static str) {
    match state {
        ConditionState::Open => ("Open", "info", "clock"),
        ConditionState::Discharged => ("Said to be met, not checked yet", "warn", "clock"),
        ConditionState::Returned => ("Checked and not met", "bad", "cross"),
        ConditionState::Verified => ("Met and checked", "ok", "check"),
        ConditionState::Waived => ("Dropped by those who set it", "quiet", "dash"),
    }
}

/// A decision in the past tense, with tone and icon.
pub(crate) fn decision(decision: Decision, conditions: usize) -> (String, &'static str, &'static str) {
    match decision {
        Decision::Approve if conditions > 0 => {
            (format!("Approved with {}", count(conditions, "condition")), "ok", "check")
        }
        Decision::Approve => ("Approved".to_owned(), "ok", "check"),
        Decision::Reject => ("Rejected".to_owned(), "bad", "cross"),
        Decision::Clarify => ("Asked for clarification".to_owned(), "warn", "speech"),
        Decision::Abstain => ("Abstained".to_owned(), "quiet", "dash"),
    }
}

/// What became of a record; `None` when it simply counts or is kept.
pub(crate) fn fate(code: FateCode) -> Option<&'static str> {
    let plain = matches!(
        code,
        FateCode::Counted | FateCode::Noted | FateCode::StandingRejection | FateCode::OpenQuestion
    );
    (!plain).then(|| became(code))
}

/// What became of a record, in plain words, for every code there is.
pub(crate) fn became(code: FateCode) -> &'static str {
    match code {
        FateCode::Counted => "Counts",
        FateCode::Noted => "Kept and shown; it has no vote",
        FateCode::StandingRejection => "Stands: a rejection or objection that holds the package up",
        FateCode::OpenQuestion => "Stands: a question that holds the package up",
        FateCode::Carried => "Carried over to this revision",
        FateCode::CountedAs => "Counts in the seat of the person it was signed for",
        FateCode::NeedsConfirm => "On hold: a small change of wording must be confirmed",
        FateCode::WrongPullRequest => "Does not count: made for another pull request",
        FateCode::DelegationInvalid => "Does not count: no delegation held at that time",
        FateCode::Recused => "Does not count: the signer stepped aside",
        FateCode::AssistanceNotAllowed => "Does not count: the step allows no AI assistance",
        FateCode::SupersededByPrincipal => "Replaced: the person it was signed for decided too",
        FateCode::Expired => "No longer counts: too long ago",
        FateCode::SuspectUpstream => "On hold: an earlier decision it rests on is disputed",
        FateCode::Overruled => "Set aside by the role the chain names",
        FateCode::OverrideNeedsSecond => "No effect yet: a second person must sign",
        FateCode::OverrideDeniedVeto => "No effect: this veto cannot be set aside",
        FateCode::OverrideDeniedFinal => "No effect: a final rejection cannot be set aside",
        FateCode::KeyNotValid => "Does not count: the key was not valid",
        FateCode::WrongRepository => "Does not count: made in another repository",
        FateCode::WrongPackage => "Does not count: signed for other bytes",
        FateCode::Duplicate => "Does not count: recorded twice",
        FateCode::ChainMismatch => "Does not count: made under another chain",
        FateCode::MeaningChanged => "Does not count: the sentence differs from the chain's",
        FateCode::RoleNotHeld => "Does not count: role not held",
        FateCode::SodAuthor => "Does not count: the signer wrote the package",
        FateCode::SodContributor => "Does not count: the signer changed the package",
        FateCode::SodOneStep => "Does not count: the signer already decides another step",
        FateCode::StepNotOpen => "Does not count: earlier steps had not passed",
        FateCode::ScopeIncomplete => "Does not count: not every section was shown to the signer",
        FateCode::StaleContent => "No longer counts: the content changed since",
        FateCode::UpstreamChanged => "No longer counts: an earlier step's outcome changed since",
        FateCode::PostCertificate => "Does not count: came after the certificate",
        FateCode::NotApplicable => "Does not count: nothing it could apply to",
        FateCode::Superseded => "Replaced by a later decision of the same person",
        FateCode::Withdrawn => "Withdrawn by its signer",
        FateCode::OlderThanSeatState => "Does not count: the signer had decided on a newer revision",
        FateCode::Suspended => "On hold: an earlier step is not approved now",
    }
}

/// True if a record with this fate has an effect now.
pub(crate) fn in_effect(code: FateCode) -> bool {
    matches!(
        code,
        FateCode::Counted
            | FateCode::CountedAs
            | FateCode::NeedsConfirm
            | FateCode::OverrideNeedsSecond
            | FateCode::Carried
            | FateCode::StandingRejection
            | FateCode::OpenQuestion
            | FateCode::Noted
            | FateCode::Suspended
    )
}

pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Documentation => "The documentation does not show what it must",
        Reason::Threshold => "A policy threshold is not met",
        Reason::Authorization => "An authorization is missing or in doubt",
        Reason::Other => "Another reason",
    }
}

pub(crate) fn condition_kind(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::PreMerge => "To be done before the package merges",
        ConditionKind::BeforeStep => "To be done before later steps open",
        ConditionKind::PostMerge => "To be done after approval",
        ConditionKind::Standing => "Holds as long as the approval does",
    }
}

pub(crate) fn unlock(unlock: Unlock) -> &'static str {
    match unlock {
        Unlock::Passphrase => "key file, opened with its passphrase",
        Unlock::Agent => "key held by an SSH agent",
        Unlock::Fido => "hardware key, touched",
    }
}

/// What a record is called in a list.
pub(crate) fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::People => ("People", "person"),
        Kind::Submit => ("Submission", "pen"),
        Kind::Comment => ("Comment", "speech"),
        Kind::Answer => ("Answer", "speech"),
        Kind::Resolve => ("Question closed", "check"),
        Kind::Decide => ("Decision", "check"),
        Kind::Withdraw => ("Withdrawal", "cross"),
        Kind::Certify => ("Certificate", "seal"),
        Kind::Retract => ("Retraction", "cross"),
        Kind::Object => ("Objection", "cross"),
        Kind::Recuse => ("Recusal", "person"),
        Kind::Confirm => ("Confirmation", "check"),
        Kind::ResolveRejection => ("Rejection set aside", "cross"),
        Kind::Delegate => ("Delegation", "person"),
        Kind::Undelegate => ("End of a delegation", "person"),
        Kind::Discharge => ("Condition met", "check"),
        Kind::Verify => ("Check of a condition", "check"),
        Kind::Waive => ("Condition dropped", "cross"),
        Kind::Override => ("Override", "cross"),
        Kind::Revoke => ("Revocation", "cross"),
    }
}

/// What a record says, without its signer, whom the page prints apart.
pub(crate) fn event(record: &Record) -> String {
    let line = wording::event(record);
    line.strip_prefix(record.signer.name.as_str()).map_or(line.clone(), |rest| rest.trim_start().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_sentences() {
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(0, "entry"), "0 entries");
        assert_eq!(count(2, "day"), "2 days");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(grouped(&"0123456789abcdef0"), "01234567 89abcdef 0");
    }

    #[test]
    fn every_state_has_its_own_words_and_address() {
        let words: std::collections::BTreeSet<_> =
            STATES.iter().map(|s| (state(*s).word, state(*s).slug)).collect();
        assert_eq!(words.len(), STATES.len());
    }
}
