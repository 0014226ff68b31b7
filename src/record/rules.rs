//! Rules of each kind of record (SPEC section 2.4). What they are made of is in `check`.

use super::body::{
    Body, Certified, CertifiedDecision, CertifiedStep, ClaimedClass, Condition, ConditionKind, Confirm,
    Decide, Decision, Delegate, Recuse, Retract, Submit,
};
use super::check::{Checked, characters, filled, integer, line, paragraphs, short, sorted, unique};
use super::limits::{DELEGATION_SECONDS, MANIFEST_BYTES, MEANING_BYTES, TEXT_BYTES};
use super::people::PeopleChange;
use super::{Record, Subject};

pub(super) fn body(record: &Record) -> Checked {
    match (&record.body, &record.subject) {
        (Body::People(changes), _) => {
            if changes.is_empty() {
                return Err("`changes` is empty".to_owned());
            }
            short("changes", changes)?;
            changes.iter().try_for_each(people_change)
        }
        (Body::Submit(body), Some(subject)) => submit(body, subject),
        (Body::Comment(comment), _) => {
            if let Some(anchor) = &comment.anchor {
                paragraphs("anchor.quote", &anchor.quote)?;
            }
            paragraphs("text", &comment.text)
        }
        (Body::Answer(reply), _) => paragraphs("text", &reply.text),
        (Body::Resolve(reply), _) => characters("text", &reply.text, TEXT_BYTES, true),
        (Body::Decide(body), _) => {
            shown(record)?;
            decide(body)
        }
        (Body::Withdraw(withdraw), _) => paragraphs("reason", &withdraw.reason),
        (Body::Certify(body), Some(subject)) => certify(&body.outcome, subject),
        (Body::Retract(Retract { reason }) | Body::Recuse(Recuse { reason }), _) => {
            paragraphs("reason", reason)
        }
        (Body::Object(object), _) => paragraphs("reason", &object.reason),
        (Body::Confirm(body), Some(subject)) => {
            shown(record)?;
            confirm(body, subject)
        }
        (Body::ResolveRejection(about) | Body::Undelegate(about) | Body::Revoke(about), _) => {
            paragraphs("reason", &about.reason)
        }
        (Body::Delegate(body), _) => delegate(body),
        (Body::Discharge(discharge), _) => paragraphs("reason", &discharge.reason),
        (Body::Verify(verify), _) => paragraphs("reason", &verify.reason),
        (Body::Waive(waive), _) => paragraphs("reason", &waive.reason),
        (Body::Override(set_aside), _) => {
            paragraphs("reason", &set_aside.reason)?;
            if set_aside.steps.is_empty() {
                return Err("`steps` is empty: an override names what it sets aside".to_owned());
            }
            sorted("steps", &set_aside.steps)
        }
        (Body::Submit(_) | Body::Certify(_) | Body::Confirm(_), None) => {
            Err("the record is not about a package".to_owned())
        }
    }
}

fn shown(record: &Record) -> Checked {
    if record.scope.is_empty() {
        return Err("`scope` is empty: the record must say what its signer was shown".to_owned());
    }
    Ok(())
}

/// A change that matters more than this is decided anew, not confirmed.
fn confirm(confirm: &Confirm, subject: &Subject) -> Checked {
    if confirm.class == ClaimedClass::Material {
        return Err("`class` is `material`: such a change is decided anew, not confirmed".to_owned());
    }
    if confirm.since == 0 || confirm.since >= subject.revision {
        return Err("`since` is not a revision before this one".to_owned());
    }
    Ok(())
}

fn delegate(delegate: &Delegate) -> Checked {
    paragraphs("reason", &delegate.reason)?;
    sorted("steps", &delegate.steps)?;
    sorted("packages", &delegate.packages)?;
    if delegate.principal == delegate.to {
        return Err("`to` is `principal`: nobody delegates to themselves".to_owned());
    }
    let seconds = delegate.until.seconds() - delegate.from.seconds();
    if seconds <= 0 {
        return Err("`until` is not after `from`".to_owned());
    }
    if seconds > DELEGATION_SECONDS {
        return Err("`until` is more than 366 days after `from`".to_owned());
    }
    Ok(())
}

fn people_change(change: &PeopleChange) -> Checked {
    match change {
        PeopleChange::Enrol { email, identity, name, proof, .. } => {
            line("changes.name", name)?;
            line("changes.identity", identity)?;
            line("changes.email", email)?;
            if !email.contains('@') || email.contains(char::is_whitespace) {
                return Err("`changes.email` is not a mail address".to_owned());
            }
            paragraphs("changes.proof", proof)
        }
        PeopleChange::AddKey { proof, .. } => paragraphs("changes.proof", proof),
        PeopleChange::RevokeKey { distrust_from, reason, .. } => {
            integer("changes.distrust_from", distrust_from.unwrap_or(0))?;
            line("changes.reason", reason)
        }
        PeopleChange::Grant { .. } => Ok(()),
        PeopleChange::End { reason, .. } => line("changes.reason", reason),
        PeopleChange::Absent { from, reason, until, .. } => {
            line("changes.reason", reason)?;
            if until < from {
                return Err("`changes.until` is before `changes.from`".to_owned());
            }
            Ok(())
        }
    }
}

fn submit(submit: &Submit, subject: &Subject) -> Checked {
    if submit.manifest.len() > MANIFEST_BYTES {
        return Err(format!("`manifest` is longer than {MANIFEST_BYTES} bytes"));
    }
    // Binds the list of files to the digest everyone signs.
    if crate::digest::sha256(submit.manifest.as_bytes()) != subject.digest.0 {
        return Err("`digest` is not the SHA-256 of `manifest`".to_owned());
    }
    filled("manifest", &submit.manifest)?;
    characters("manifest", &submit.manifest, MANIFEST_BYTES, true)?;
    short("authors", &submit.authors)?;
    if submit.authors.is_empty() {
        return Err("`authors` is empty".to_owned());
    }
    unique("authors", submit.authors.iter())?;
    short("contributors", &submit.contributors)?;
    unique("contributors", submit.contributors.iter())?;
    short("exceptions", &submit.exceptions)?;
    unique("exceptions", submit.exceptions.iter())?;
    submit.exceptions.iter().try_for_each(|e| line("exceptions", e))?;
    short("answers", &submit.answers)?;
    unique("answers", submit.answers.iter().map(|a| &a.finding))?;
    for answer in &submit.answers {
        paragraphs("answers.how", &answer.how)?;
        short("answers.sections", &answer.sections)?;
        unique("answers.sections", answer.sections.iter())?;
    }
    short("notes", &submit.notes)?;
    unique("notes", submit.notes.iter().map(|n| &n.section))?;
    submit.notes.iter().try_for_each(|n| paragraphs("notes.text", &n.text))?;
    match (subject.revision, &submit.diff) {
        (1, Some(_)) => Err("`diff` compares with the revision before; revision 1 has none".to_owned()),
        (1, None) if submit.class.is_some() => {
            Err("`class` says how much changed since the revision before; revision 1 has none".to_owned())
        }
        (1, None) if submit.answers.is_empty() && submit.notes.is_empty() => Ok(()),
        (1, None) => Err("`answers` and `notes` are empty at revision 1".to_owned()),
        (_, None) => Err("`diff` is missing: from revision 2 on it says what changed".to_owned()),
        (_, Some(_)) => Ok(()),
    }
}

fn decide(decide: &Decide) -> Checked {
    short("conditions", &decide.conditions)?;
    unique("conditions", decide.conditions.iter().map(|c| &c.id))?;
    decide.conditions.iter().try_for_each(condition)?;
    if decide.decision == Decision::Reject && decide.findings.is_empty() {
        return Err("`findings` is empty: a rejection says what is wrong".to_owned());
    }
    short("findings", &decide.findings)?;
    unique("findings", decide.findings.iter().map(|f| &f.id))?;
    for finding in &decide.findings {
        paragraphs("findings.concern", &finding.concern)?;
        paragraphs("findings.required", &finding.required)?;
    }
    decide.question.as_ref().map_or(Ok(()), |q| paragraphs("question.text", &q.text))
}

fn condition(condition: &Condition) -> Checked {
    if condition.step.is_some() && condition.kind != ConditionKind::BeforeStep {
        return Err("`conditions.step` is only for conditions of the kind `before_step`".to_owned());
    }
    if condition.verifier_role.is_some() && condition.kind == ConditionKind::Standing {
        return Err(
            "`conditions.verifier_role`: a standing condition is never met, so nobody verifies it".to_owned()
        );
    }
    paragraphs("conditions.text", &condition.text)
}

fn certify(outcome: &Certified, subject: &Subject) -> Checked {
    if outcome.digest != subject.digest || outcome.chain != subject.chain.sha256 {
        return Err("`outcome` is about another package digest or chain than the record".to_owned());
    }
    let states = ["approved", "approved_with_conditions", "approved_by_override"];
    one_of("outcome.state", &outcome.state, &states)?;
    if let Some(artifact) = &outcome.artifact {
        let hex = artifact.strip_prefix("sha256:").unwrap_or("");
        if crate::digest::unhex::<32>(hex).is_none() {
            return Err("`outcome.artifact` is not `sha256:` and 64 lowercase hex digits".to_owned());
        }
    }
    short("outcome.conditions", &outcome.conditions)?;
    outcome.conditions.iter().try_for_each(|c| condition(&c.condition))?;
    short("outcome.rounds", &outcome.rounds)?;
    unique("outcome.rounds", outcome.rounds.iter().map(|r| r.revision))?;
    outcome.rounds.iter().try_for_each(|r| short("outcome.rounds.rejections", &r.rejections))?;
    short("outcome.steps", &outcome.steps)?;
    unique("outcome.steps", outcome.steps.iter().map(|s| &s.step))?;
    outcome.steps.iter().try_for_each(certified_step)
}

fn certified_step(step: &CertifiedStep) -> Checked {
    let states = ["satisfied", "satisfied_with_conditions", "not_applicable", "overridden"];
    one_of("outcome.steps.state", &step.state, &states)?;
    short("outcome.steps.overrides", &step.overrides)?;
    unique("outcome.steps.overrides", step.overrides.iter())?;
    if step.overrides.is_empty() == (step.state == "overridden") {
        return Err("`outcome.steps.overrides` is there if, and only if, the step was overridden".to_owned());
    }
    short("outcome.steps.decisions", &step.decisions)?;
    if step.state == "not_applicable" && !step.decisions.is_empty() {
        return Err("`outcome.steps.decisions`: a step that is not for the package has none".to_owned());
    }
    step.decisions.iter().try_for_each(certified_decision)
}

fn certified_decision(decision: &CertifiedDecision) -> Checked {
    one_of("outcome.steps.decisions.code", &decision.code, &["COUNTED", "COUNTED_AS", "CARRIED"])?;
    // A no that was outvoted counts too, and the certificate names it; a question never does.
    if decision.decision == Decision::Clarify {
        return Err(
            "`outcome.steps.decisions.decision`: a request for clarification does not count".to_owned()
        );
    }
    if decision.code == "COUNTED_AS" && decision.acting_for.is_none() {
        return Err(
            "`outcome.steps.decisions.acting_for` is missing: it says in whose seat it counted".to_owned()
        );
    }
    if decision.acting_for.as_ref() == Some(&decision.person) {
        return Err("`outcome.steps.decisions.acting_for` is the person who decided".to_owned());
    }
    line("outcome.steps.decisions.name", &decision.name)?;
    filled("outcome.steps.decisions.meaning", &decision.meaning)?;
    characters("outcome.steps.decisions.meaning", &decision.meaning, MEANING_BYTES, false)
}

fn one_of(key: &str, value: &str, words: &[&str]) -> Checked {
    if words.contains(&value) {
        Ok(())
    } else {
        Err(format!(
            "`{key}` is none of {}",
            words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
        ))
    }
}
