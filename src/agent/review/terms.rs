//! A decision as filled in becomes the terms of a record, or a list of what is wrong with it.

use crate::dossier::Dossier;
use crate::id::{ConditionId, FindingId, RoleId, StepId};
use crate::record::{
    Condition, ConditionKind, Decide, Decision, Finding, People, Question, Reason, Severity,
};
use crate::site::desk::{ChooseForm, ConditionForm, FindingForm, Problem};
use crate::time::Date;
use serde::de::DeserializeOwned;

/// The decision chosen, if one was.
pub(super) fn decision(form: &ChooseForm) -> Option<Decision> {
    wire(&form.decision)
}

pub(super) fn wire<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// Ids for new findings or conditions of a step that nothing in the package has yet.
fn free<'a>(
    step: &'a StepId,
    kind: &'static str,
    revision: u32,
    taken: &'a [String],
) -> impl Iterator<Item = String> + 'a {
    (1..).map(move |n| format!("{step}-{kind}{revision}-{n}")).filter(|id| !taken.contains(id))
}

/// The terms, or what is wrong with them. Fields of other decisions than the one chosen are not looked at.
pub(super) fn terms(
    form: &ChooseForm,
    dossier: &Dossier,
    people: &People,
    step: &StepId,
) -> Result<Decide, Vec<Problem>> {
    let Some(decision) = decision(form) else {
        return Err(vec![Problem::new(
            "decision-approve",
            "Choose approve, reject or request clarification",
        )]);
    };
    let outcome = &dossier.outcome;
    let taken: Vec<String> = outcome.findings.iter().map(|f| f.id().to_string()).collect();
    let taken: Vec<String> =
        taken.into_iter().chain(outcome.conditions.iter().map(|c| c.id().to_string())).collect();
    let mut problems = Vec::new();
    let mut decide =
        Decide { conditions: Vec::new(), decision, findings: Vec::new(), question: None, severity: None };
    match decision {
        Decision::Approve => {
            let mut ids = free(step, "c", outcome.revision, &taken);
            for (n, filled) in form.conditions.iter().enumerate() {
                if filled.text.is_empty() && filled.owner.is_empty() && date_is_empty(filled) {
                    continue;
                }
                let id = ids.next().and_then(|id| id.parse::<ConditionId>().ok());
                let made = id.and_then(|id| condition(filled, n + 1, id, dossier, people, &mut problems));
                decide.conditions.extend(made);
            }
        }
        Decision::Reject => {
            let mut ids = free(step, "f", outcome.revision, &taken);
            let empty = FindingForm::default();
            let filled: Vec<(usize, &FindingForm)> =
                form.findings.iter().enumerate().filter(|(_, f)| !is_empty(f)).collect();
            let filled = if filled.is_empty() { vec![(0, &empty)] } else { filled };
            for (n, filled) in filled {
                let id = ids.next().and_then(|id| id.parse::<FindingId>().ok());
                let made = id.and_then(|id| finding(filled, n + 1, id, dossier, &mut problems));
                decide.findings.extend(made);
            }
            decide.severity = form.last.then_some(Severity::Final);
        }
        Decision::Clarify => {
            let section = section(&form.question.section, "question-section", dossier, &mut problems);
            said(&form.question.text, "question-text", "Say what you need to know", &mut problems);
            let text = form.question.text.clone();
            decide.question = section.map(|section| Question { section, text });
        }
        Decision::Abstain => {}
    }
    if problems.is_empty() { Ok(decide) } else { Err(problems) }
}

fn is_empty(f: &FindingForm) -> bool {
    f.section.is_empty() && f.concern.is_empty() && f.required.is_empty()
}

fn date_is_empty(c: &ConditionForm) -> bool {
    c.day.is_empty() && c.month.is_empty() && c.year.is_empty()
}

/// Words that must be there.
pub(super) fn said(text: &str, field: &str, missing: &str, problems: &mut Vec<Problem>) {
    if text.trim().is_empty() {
        problems.push(Problem::new(field, missing));
    }
}

fn section(
    id: &str,
    field: &str,
    dossier: &Dossier,
    problems: &mut Vec<Problem>,
) -> Option<crate::id::SectionId> {
    let found = id.parse().ok().filter(|id| dossier.current().is_some_and(|r| r.chain.section(id).is_some()));
    if found.is_none() {
        problems.push(Problem::new(field, "Choose the section"));
    }
    found
}

fn condition(
    filled: &ConditionForm,
    n: usize,
    id: ConditionId,
    dossier: &Dossier,
    people: &People,
    problems: &mut Vec<Problem>,
) -> Option<Condition> {
    let name = |field: &str| format!("condition-{n}-{field}");
    said(&filled.text, &name("text"), "Say what the condition is, or leave all of it empty", problems);
    let owner = match filled.owner.as_str() {
        "" => None,
        id => match id.parse().ok().filter(|id| people.person(id).is_some()) {
            Some(person) => Some(person),
            None => {
                problems.push(Problem::new(name("owner"), "Choose somebody who is enrolled"));
                None
            }
        },
    };
    let due = if date_is_empty(filled) {
        None
    } else {
        let date = date(&filled.day, &filled.month, &filled.year);
        if date.is_none() {
            let words = "The date must be a real one, with day, month and year in figures, such as 31 3 2027";
            problems.push(Problem::new(name("day"), words));
        }
        date
    };
    let kind = wire::<ConditionKind>(&filled.kind).unwrap_or(ConditionKind::Standing);
    if kind == ConditionKind::PostMerge && due.is_none() && date_is_empty(filled) {
        problems.push(Problem::new(name("day"), "Say by which date it must be met"));
    }
    let step = filled.step.parse().ok().filter(|_| kind == ConditionKind::BeforeStep);
    let step = step.filter(|step| dossier.outcome.steps.iter().any(|s| s.id == *step));
    let verifier_role: Option<RoleId> = filled.verifier.parse().ok();
    if verifier_role.as_ref().is_some_and(|role| people.holders(role).next().is_none()) {
        problems.push(Problem::new(name("verifier"), "Nobody holds that role"));
    }
    Some(Condition { due, id, kind, owner, step, text: filled.text.clone(), verifier_role })
}

/// Day, month and year as typed; four digits for the year, so that nothing is guessed.
pub(super) fn date(day: &str, month: &str, year: &str) -> Option<Date> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let (day, month, year) = (number(day)?, number(month)?, number(year)?);
    (1000..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}").parse().ok()).flatten()
}

fn finding(
    filled: &FindingForm,
    n: usize,
    id: FindingId,
    dossier: &Dossier,
    problems: &mut Vec<Problem>,
) -> Option<Finding> {
    let name = |field: &str| format!("finding-{n}-{field}");
    let section = section(&filled.section, &name("section"), dossier, problems);
    said(&filled.concern, &name("concern"), "Say what the concern is", problems);
    said(
        &filled.required,
        &name("required"),
        "Say what would need to change for it to be approvable",
        problems,
    );
    let reason = wire::<Reason>(&filled.reason).unwrap_or(Reason::Documentation);
    let mut figure = None;
    if reason == Reason::Threshold {
        let revision = dossier.current()?;
        let missed = revision.chain.thresholds.iter().filter(|t| t.figure.as_str() == filled.figure);
        let missed = missed.filter(|t| {
            let reported = revision.package.figures.get(&t.section).into_iter().flatten();
            reported.filter(|f| f.id == t.figure).any(|f| !t.met_by(&f.value))
        });
        figure = missed.map(|t| t.figure.clone()).next();
        if figure.is_none() {
            problems.push(Problem::new(
                name("reason"),
                "Choose a figure that misses its threshold, or give another reason",
            ));
        }
    }
    let (concern, required) = (filled.concern.clone(), filled.required.clone());
    Some(Finding { concern, figure, id, reason, required, section: section? })
}
