//! An outcome held against what a case expects. Every difference is found, not only the first.

use super::run::Mismatch;
use super::stage::Stage;
use super::wishes::{Codes, PEOPLE, Wishes, word};
use crate::engine::{FateCode, Outcome, StepOutcome, explain};
use crate::id::StepId;
use crate::record::wording::event;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What is otherwise than expected; empty if nothing is.
pub(super) fn differences(
    wishes: &Wishes,
    stage: &Stage<'_>,
    count: usize,
    outcome: &Outcome,
) -> Vec<Mismatch> {
    let mut found = Found(Vec::new());
    if let Some(state) = &wishes.state {
        found.compare("state", state, word(&outcome.state), "");
    }
    if let Some(revision) = wishes.revision {
        found.compare("revision", revision, outcome.revision, "");
    }
    for (id, state) in &wishes.steps {
        found.step(outcome, id, "step", state, |step| word(&step.state));
    }
    for (id, wanted) in &wishes.approvals {
        let shape = |step: &StepOutcome| {
            if wanted.contains('/') {
                format!("{}/{}", step.approvals, step.needed)
            } else {
                step.approvals.to_string()
            }
        };
        found.step(outcome, id, "approvals of", wanted, shape);
    }
    for (id, wanted) in &wishes.due {
        found.step(outcome, id, "due date of", wanted, |step| instant(step.due, wanted));
    }
    for (id, wanted) in &wishes.lapses {
        found.step(outcome, id, "lapse of", wanted, |step| instant(step.lapses, wanted));
    }
    found.flag("overdue", wishes.overdue.as_ref(), outcome, |step| step.overdue);
    found.flag("escalated", wishes.escalated.as_ref(), outcome, |step| !step.escalated_to.is_empty());
    found.flag("unsatisfiable", wishes.unsatisfiable.as_ref(), outcome, |step| step.unsatisfiable);
    if let Some(gate) = wishes.gate {
        found.compare("gate open", gate, outcome.gate_open(), "");
    }
    if let Some(certificate) = wishes.certificate {
        found.compare("certificate", certificate, outcome.certificate.is_some(), "");
    }
    for (id, state) in &wishes.conditions {
        let got = outcome.conditions.iter().find(|c| c.id() == id);
        found.compare(&format!("condition {id}"), state, got.map_or(absent(), |c| word(&c.state)), "");
    }
    for (id, state) in &wishes.findings {
        let got = outcome.findings.iter().rev().find(|f| f.id() == id);
        let got = got.map_or(absent(), |f| if f.open { "open" } else { "closed" }.to_owned());
        found.compare(&format!("finding {id}"), state, got, "");
    }
    for (name, state) in &wishes.threads {
        let record = position(stage, name).map(|at| stage.entries[at].id());
        let got = outcome.threads.iter().find(|thread| Some(thread.id) == record);
        found.compare(&format!("thread {name}"), state, got.map_or(absent(), |t| word(&t.state)), "");
    }
    codes(&mut found, wishes, stage, count, outcome);
    texts(&mut found, wishes, stage, outcome);
    found.0
}

/// The fate of each record so far, in order; [`PEOPLE`] for those that are not judged.
pub(super) fn fates(stage: &Stage<'_>, count: usize, outcome: &Outcome) -> Vec<String> {
    let mut judged = outcome.fates.iter();
    let entries = stage.entries.iter().take(count);
    let fate = |entry: &crate::record::Entry| {
        let next = if entry.record().kind().about_package() { judged.next() } else { None };
        next.map_or(PEOPLE.to_owned(), |fate| fate.code.as_str().to_owned())
    };
    entries.map(fate).collect()
}

fn position(stage: &Stage<'_>, name: &str) -> Option<usize> {
    let which = match name.parse() {
        Ok(number) => super::event::Which::Number(number),
        Err(_) => super::event::Which::Label(name.to_owned()),
    };
    stage.position(&which)
}

fn codes(found: &mut Found, wishes: &Wishes, stage: &Stage<'_>, count: usize, outcome: &Outcome) {
    let got = fates(stage, count, outcome);
    let told = |at: usize| event(stage.entries[at].record());
    match &wishes.codes {
        None => {}
        Some(Codes::All(wanted)) => {
            if wanted.len() != got.len() {
                found.compare("number of records", wanted.len(), got.len(), "");
            }
            for (at, (wanted, got)) in wanted.iter().zip(&got).enumerate() {
                found.compare(&format!("record {}", at + 1), wanted, got, &told(at));
            }
        }
        Some(Codes::Some(wanted)) => {
            for (name, code) in wanted {
                match position(stage, name).filter(|at| *at < count) {
                    Some(at) => found.compare(&format!("record {name}"), code, &got[at], &told(at)),
                    None => found.compare(&format!("record {name}"), code, absent(), ""),
                }
            }
        }
    }
}

fn texts(found: &mut Found, wishes: &Wishes, stage: &Stage<'_>, outcome: &Outcome) {
    let advice: Vec<String> = outcome.advice.iter().map(|a| a.missing.clone()).collect();
    for text in &wishes.missing {
        if !advice.iter().any(|a| a.contains(text)) {
            let got = if advice.is_empty() { "nothing".to_owned() } else { advice.join("; ") };
            found.push("missing", format!("… {text} …"), got, "");
        }
    }
    if wishes.because.is_empty() {
        return;
    }
    let tree = tree(stage, outcome);
    for text in &wishes.because {
        if !tree.contains(text.as_str()) {
            found.push("because", format!("… {text} …"), "nothing of the kind; see below".to_owned(), "");
        }
    }
}

/// The reasons, as `explain` prints them.
pub(super) fn tree(stage: &Stage<'_>, outcome: &Outcome) -> String {
    explain(outcome, &|id| stage.people.person(id).map_or_else(|| id.to_string(), |p| p.name.clone()))
}

fn absent() -> String {
    "not there".to_owned()
}

/// An instant, in as many words as `like` has.
fn instant(at: Option<Timestamp>, like: &str) -> String {
    let Some(at) = at else { return absent() };
    let text = at.to_string();
    match like.len() {
        10 => text[..10].to_owned(),
        16 => text[..16].replace('T', " "),
        _ => text,
    }
}

struct Found(Vec<Mismatch>);

impl Found {
    fn push(&mut self, what: &str, expected: String, got: String, note: &str) {
        self.0.push(Mismatch { what: what.to_owned(), expected, got, note: note.to_owned() });
    }

    fn compare(&mut self, what: &str, expected: impl ToString, got: impl ToString, note: &str) {
        let (expected, got) = (expected.to_string(), got.to_string());
        if expected != got {
            self.push(what, expected, got, note);
        }
    }

    fn step(
        &mut self,
        outcome: &Outcome,
        id: &StepId,
        what: &str,
        expected: &str,
        shape: impl Fn(&StepOutcome) -> String,
    ) {
        let got = outcome.steps.iter().find(|step| step.id == *id).map_or(absent(), shape);
        self.compare(&format!("{what} {id}"), expected, got, "");
    }

    fn flag(
        &mut self,
        what: &str,
        wanted: Option<&Vec<String>>,
        outcome: &Outcome,
        raised: impl Fn(&StepOutcome) -> bool,
    ) {
        let Some(wanted) = wanted else { return };
        let got: Vec<String> = {
            let mut ids: Vec<String> =
                outcome.steps.iter().filter(|s| raised(s)).map(|s| s.id.to_string()).collect();
            ids.sort();
            ids
        };
        let list = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        self.compare(what, list(wanted), list(&got), "");
    }
}

/// How often each code occurs; for the coverage.
pub(super) fn count_codes(outcome: &Outcome, into: &mut BTreeMap<FateCode, u32>) {
    for fate in &outcome.fates {
        *into.entry(fate.code).or_default() += 1;
    }
}
