//! A record in words: the words of the wire, the placeholders of a chain's sentence, and the line of the
//! audit trail. The sentence that is signed is in `sentence`.

use super::Record;
use super::body::{
    Body, ClaimedClass, Comment, ConditionEnd, ConditionKind, Decide, Decision, Kind, Override, Reason,
    Submit,
};
use super::people::PeopleChange;
pub use super::sentence::standard_meaning;
use crate::id::StepId;

/// The kind, as on the wire.
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::People => "people",
        Kind::Submit => "submit",
        Kind::Comment => "comment",
        Kind::Answer => "answer",
        Kind::Resolve => "resolve",
        Kind::Decide => "decide",
        Kind::Withdraw => "withdraw",
        Kind::Certify => "certify",
        Kind::Retract => "retract",
        Kind::Object => "object",
        Kind::Recuse => "recuse",
        Kind::Confirm => "confirm",
        Kind::ResolveRejection => "resolve_rejection",
        Kind::Delegate => "delegate",
        Kind::Undelegate => "undelegate",
        Kind::Discharge => "discharge",
        Kind::Verify => "verify",
        Kind::Waive => "waive",
        Kind::Override => "override",
        Kind::Revoke => "revoke",
    }
}

/// The decision, as on the wire.
pub fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approve",
        Decision::Reject => "reject",
        Decision::Clarify => "clarify",
        Decision::Abstain => "abstain",
    }
}

/// The sort of condition, as on the wire.
pub(super) fn condition_kind(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::PreMerge => "pre_merge",
        ConditionKind::BeforeStep => "before_step",
        ConditionKind::PostMerge => "post_merge",
        ConditionKind::Standing => "standing",
    }
}

/// The claimed class of a change, as on the wire.
pub fn class_word(class: ClaimedClass) -> &'static str {
    match class {
        ClaimedClass::Cosmetic => "cosmetic",
        ClaimedClass::Minor => "minor",
        ClaimedClass::Material => "material",
    }
}

/// How a condition ended, as on the wire.
pub(super) fn end_word(end: ConditionEnd) -> &'static str {
    match end {
        ConditionEnd::Verified => "verified",
        ConditionEnd::Waived => "waived",
    }
}

/// The reason of a finding, as on the wire.
pub(super) fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Documentation => "documentation",
        Reason::Threshold => "threshold",
        Reason::Authorization => "authorization",
        Reason::Other => "other",
    }
}

/// What a decision is called inside a sentence: "and I ... its training data".
pub fn decision_in_sentence(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approve",
        Decision::Reject => "reject",
        Decision::Clarify => "cannot decide yet on",
        Decision::Abstain => "abstain on",
    }
}

/// What the placeholders of a step's `meaning` stand for.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// `{name}`: the signer's printed name.
    pub name: &'a str,
    /// `{role}`.
    pub role: &'a str,
    /// `{revision}`.
    pub revision: u32,
    /// `{package}`.
    pub package: &'a str,
    /// `{model}`: the model's name.
    pub model: &'a str,
    /// `{version}`: the model's version.
    pub version: &'a str,
    /// `{decision}`, in the words of [`decision_in_sentence`].
    pub decision: Decision,
    /// `{step}`.
    pub step: &'a str,
}

/// Expands a step's `meaning`. One pass from left to right: what a placeholder gives is not looked at
/// again, so a person named `{decision}` changes nothing. Unknown placeholders stay as they are.
pub fn expand(template: &str, terms: &Terms<'_>) -> String {
    let revision = terms.revision.to_string();
    let known = [
        ("{name}", terms.name),
        ("{role}", terms.role),
        ("{revision}", revision.as_str()),
        ("{package}", terms.package),
        ("{model}", terms.model),
        ("{version}", terms.version),
        ("{decision}", decision_in_sentence(terms.decision)),
        ("{step}", terms.step),
    ];
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match known.iter().find(|(placeholder, _)| rest.starts_with(placeholder)) {
            Some((placeholder, value)) => {
                out.push_str(value);
                rest = &rest[placeholder.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// Completes a record for signing: the standard sentence where the kind has one, and the digest of the
/// deed that is then shown.
#[must_use]
pub fn complete(mut record: Record) -> Record {
    if let Some(meaning) = standard_meaning(&record) {
        record.meaning = meaning;
    }
    record.ceremony.shown = super::deed::shown(&record);
    record
}

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// One line of the audit trail: who did what, without a full stop.
pub fn event(record: &Record) -> String {
    let signer = &record.signer;
    let name = match &signer.acting_for {
        Some(principal) => format!("{}, for {principal},", signer.name),
        None => signer.name.clone(),
    };
    let revision = record.revision().unwrap_or(0);
    let step = record.step.as_ref().map_or_else(String::new, |s| format!(" in step {s}"));
    match &record.body {
        Body::People(changes) => format!("{name} {}", people(changes)),
        Body::Submit(Submit { answers, .. }) if !answers.is_empty() => {
            let answering = count(answers.len(), "finding", "findings");
            format!("{name} submitted revision {revision}, answering {answering}")
        }
        Body::Submit(_) => format!("{name} submitted revision {revision}"),
        Body::Comment(Comment { blocking: true, section, .. }) => {
            format!("{name} asked about {section} in revision {revision}")
        }
        Body::Comment(Comment { about: Some(about), section, .. }) => {
            format!("{name} replied on {section} in revision {revision}, to {}", about.short())
        }
        Body::Comment(Comment { section, .. }) => {
            format!("{name} commented on {section} in revision {revision}")
        }
        Body::Answer(reply) => format!("{name} answered {}", reply.about.short()),
        Body::Resolve(reply) => format!("{name} settled {}", reply.about.short()),
        Body::Decide(decide) => format!("{name} {}", decided(decide, revision, &step)),
        Body::Withdraw(withdraw) => format!("{name} took back {}", withdraw.record.short()),
        Body::Certify(certify) => {
            format!("{name} certified revision {revision} as {}", certify.outcome.state.replace('_', " "))
        }
        Body::Retract(_) => format!("{name} took revision {revision} out of review"),
        Body::Object(_) => format!("{name} objected to revision {revision}{step}"),
        Body::Recuse(_) => format!("{name} stepped aside"),
        Body::Confirm(confirm) => {
            format!("{name} confirmed the change from revision {} to {revision}{step}", confirm.since)
        }
        Body::ResolveRejection(about) => format!("{name} set aside rejection {}", about.record.short()),
        Body::Delegate(delegate) => format!(
            "{name} let {} decide for {} until {}",
            delegate.to,
            delegate.principal,
            delegate.until.human()
        ),
        Body::Undelegate(about) => format!("{name} ended delegation {}", about.record.short()),
        Body::Discharge(discharge) => format!("{name} declared condition {} met", discharge.condition),
        Body::Verify(verify) if verify.accepted => {
            format!("{name} verified that condition {} is met", verify.condition)
        }
        Body::Verify(verify) => format!("{name} returned condition {}", verify.condition),
        Body::Waive(waive) => format!("{name} waived condition {}", waive.condition),
        Body::Override(Override { about: None, steps, .. }) => {
            format!("{name} asked to override {} of revision {revision}", list(steps))
        }
        Body::Override(Override { steps, .. }) => {
            format!("{name} seconded the override of {} of revision {revision}", list(steps))
        }
        Body::Revoke(about) => format!("{name} revoked certificate {}", about.record.short()),
    }
}

fn list(steps: &[StepId]) -> String {
    let steps: Vec<&str> = steps.iter().map(StepId::as_str).collect();
    in_a_row(&steps)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn in_a_row(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn decided(decide: &Decide, revision: u32, step: &str) -> String {
    let with = |items: usize, one: &str, many: &str| match items {
        0 => String::new(),
        n => format!(", with {}", count(n, one, many)),
    };
    match decide.decision {
        Decision::Approve => {
            let with = with(decide.conditions.len(), "condition", "conditions");
            format!("approved revision {revision}{step}{with}")
        }
        Decision::Reject => {
            let with = with(decide.findings.len(), "finding", "findings");
            let good = if decide.severity.is_some() { " for good" } else { "" };
            format!("rejected revision {revision}{step}{good}{with}")
        }
        Decision::Clarify => {
            let on = decide.question.as_ref().map_or_else(String::new, |q| format!(" about {}", q.section));
            format!("asked for clarification of revision {revision}{step}{on}")
        }
        Decision::Abstain => format!("abstained on revision {revision}{step}"),
    }
}

/// The first three changes in words, then how many more there are.
fn people(changes: &[PeopleChange]) -> String {
    const SHOWN: usize = 3;
    let mut parts: Vec<String> = changes.iter().take(SHOWN).map(person).collect();
    if changes.len() > SHOWN {
        parts.push(format!("and made {}", count(changes.len() - SHOWN, "more change", "more changes")));
    }
    parts.join(", ")
}

fn person(change: &PeopleChange) -> String {
    match change {
        PeopleChange::Enrol { name, person, .. } => format!("enrolled {name} ({person})"),
        PeopleChange::AddKey { person, .. } => format!("added a key for {person}"),
        PeopleChange::RevokeKey { person, .. } => format!("revoked a key of {person}"),
        PeopleChange::Grant { person, role } => format!("gave {person} the role {role}"),
        PeopleChange::End { person, role, .. } => format!("ended the role {role} of {person}"),
        PeopleChange::Absent { from, person, until, .. } => {
            format!("noted that {person} is away from {} through {}", from.human(), until.human())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_placeholder_gives_is_not_expanded_again() {
        let terms = Terms {
            name: "{decision} {role}",
            role: "model-risk",
            revision: 2,
            package: "credit",
            model: "pd",
            version: "2.1",
            decision: Decision::Clarify,
            step: "risk",
        };
        let template = "I, {name}, as {role}, {decision} {package} {revision}{unknown}{";
        let said = "I, {decision} {role}, as model-risk, cannot decide yet on credit 2{unknown}{";
        assert_eq!(expand(template, &terms), said);
    }
}
