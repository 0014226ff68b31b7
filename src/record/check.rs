//! Rules on the values of a record that its types cannot hold (SPEC sections 2.4 to 2.6).

use super::body::{Body, Certified, Condition, Decide, Decision, Recuse, Retract, Submit};
use super::limits::{INTEGER_BOUND, LINE_BYTES, LIST_ITEMS, MANIFEST_BYTES, MEANING_BYTES, TEXT_BYTES};
use super::people::PeopleChange;
use super::{Record, Subject, deed, wording};
use std::collections::BTreeSet;

type Checked = Result<(), String>;

/// Characters that show one thing and sign another: direction overrides, invisible letters, tags, line
/// separators some viewers break at and others do not.
fn deceives(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn characters(key: &str, text: &str, max: usize, paragraphs: bool) -> Checked {
    if text.len() > max {
        return Err(format!("`{key}` has {} bytes; at most {max} are allowed", text.len()));
    }
    let bad = |c: &char| deceives(*c) || (c.is_control() && !(paragraphs && matches!(c, '\n' | '\t')));
    match text.chars().find(bad) {
        Some(c) => Err(format!("`{key}` holds U+{:04X}, which is not allowed there", u32::from(c))),
        None => Ok(()),
    }
}

fn line(key: &str, text: &str) -> Checked {
    filled(key, text)?;
    characters(key, text, LINE_BYTES, false)
}

fn paragraphs(key: &str, text: &str) -> Checked {
    filled(key, text)?;
    characters(key, text, TEXT_BYTES, true)
}

fn filled(key: &str, text: &str) -> Checked {
    if text.trim().is_empty() { Err(format!("`{key}` is empty")) } else { Ok(()) }
}

fn short<T>(key: &str, list: &[T]) -> Checked {
    if list.len() <= LIST_ITEMS {
        Ok(())
    } else {
        Err(format!("`{key}` has {} items; at most {LIST_ITEMS} are allowed", list.len()))
    }
}

fn unique<T: Ord>(key: &str, items: impl Iterator<Item = T>) -> Checked {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            return Err(format!("`{key}` names the same thing twice"));
        }
    }
    Ok(())
}

fn integer(key: &str, value: u64) -> Checked {
    if value < INTEGER_BOUND { Ok(()) } else { Err(format!("`{key}` is not below 2^53")) }
}

/// Checks everything, in the order of SPEC section 2.4.
pub(super) fn check(record: &Record) -> Checked {
    if let Some(change) = &record.change {
        line("change.forge", &change.forge)?;
        characters("change.head", &change.head, LINE_BYTES, false)?;
        line("change.repository_id", &change.repository_id)?;
        integer("change.pull_request", change.pull_request)?;
    }
    if let Some(subject) = &record.subject {
        if subject.revision == 0 {
            return Err("`revision` starts at 1".to_owned());
        }
        line("model.name", &subject.model.name)?;
        line("model.version", &subject.model.version)?;
    }
    line("signer.name", &record.signer.name)?;
    line("assistance", &record.assistance)?;
    filled("meaning", &record.meaning)?;
    characters("meaning", &record.meaning, MEANING_BYTES, false)?;
    integer("seen.size", record.seen.size)?;
    short("parents", &record.parents)?;
    if !record.parents.is_sorted_by(|a, b| a < b) {
        return Err("`parents` is not sorted, or names a record twice".to_owned());
    }
    short("scope", &record.scope)?;
    unique("scope", record.scope.iter().map(|s| &s.section))?;
    body(record)?;
    if let Some(standard) = wording::standard_meaning(record)
        && standard != record.meaning
    {
        return Err(format!("`meaning` is not the sentence of this kind of record: \"{standard}\""));
    }
    if deed::shown(record) != record.ceremony.shown {
        return Err("`ceremony.shown` is not the digest of this record's deed".to_owned());
    }
    Ok(())
}

fn body(record: &Record) -> Checked {
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
            if record.scope.is_empty() {
                return Err("`scope` is empty: a decision says what its signer was shown".to_owned());
            }
            decide(body)
        }
        (Body::Withdraw(withdraw), _) => paragraphs("reason", &withdraw.reason),
        (Body::Certify(body), Some(subject)) => certify(&body.outcome, subject),
        (Body::Retract(Retract { reason }) | Body::Recuse(Recuse { reason }), _) => {
            paragraphs("reason", reason)
        }
        (Body::Object(object), _) => paragraphs("reason", &object.reason),
        (Body::Confirm(_), _) => Ok(()),
        (Body::ResolveRejection(about) | Body::Undelegate(about) | Body::Revoke(about), _) => {
            paragraphs("reason", &about.reason)
        }
        (Body::Delegate(delegate), _) => paragraphs("reason", &delegate.reason),
        (Body::Discharge(discharge), _) => paragraphs("reason", &discharge.reason),
        (Body::Verify(verify), _) => paragraphs("reason", &verify.reason),
        (Body::Waive(waive), _) => paragraphs("reason", &waive.reason),
        (Body::Override(set_aside), _) => paragraphs("reason", &set_aside.reason),
        (Body::Submit(_) | Body::Certify(_), None) => Err("the record is not about a package".to_owned()),
    }
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
    paragraphs("conditions.text", &condition.text)
}

fn certify(outcome: &Certified, subject: &Subject) -> Checked {
    if outcome.digest != subject.digest || outcome.chain != subject.chain.sha256 {
        return Err("`outcome` is about another package digest or chain than the record".to_owned());
    }
    if !matches!(outcome.state.as_str(), "approved" | "approved_with_conditions") {
        return Err("`outcome.state` is neither `approved` nor `approved_with_conditions`".to_owned());
    }
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
    for step in &outcome.steps {
        line("outcome.steps.state", &step.state)?;
        short("outcome.steps.decisions", &step.decisions)?;
        for decision in &step.decisions {
            line("outcome.steps.decisions.code", &decision.code)?;
            line("outcome.steps.decisions.name", &decision.name)?;
            filled("outcome.steps.decisions.meaning", &decision.meaning)?;
            characters("outcome.steps.decisions.meaning", &decision.meaning, MEANING_BYTES, false)?;
        }
    }
    Ok(())
}
